/* libtiff names the functions of JBIG-KIT, whose licence, the GPL, is not ours, so that it is not linked.
 * decode_tiff.cpp takes no file of that compression, so none of these is ever called. */
#include <stdlib.h>

#define ABSENT(name) \
  void name(void);   \
  void name(void) {  \
    abort();         \
  }

ABSENT(jbg_dec_free)
ABSENT(jbg_dec_getimage)
ABSENT(jbg_dec_getsize)
ABSENT(jbg_dec_in)
ABSENT(jbg_dec_init)
ABSENT(jbg_enc_free)
ABSENT(jbg_enc_init)
ABSENT(jbg_enc_out)
ABSENT(jbg_newlen)
ABSENT(jbg_strerror)
