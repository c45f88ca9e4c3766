from velatura import main

main()
