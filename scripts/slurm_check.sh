#!/usr/bin/env bash
# Runs scripts/batch.sbatch in a real Slurm of one node, set up in a temporary folder and taken down
# again, and compares the pictures with those of one run without shards: the same but for rounding
# (scripts/pictures.py), each made once, also where one task was cancelled and another requeued amid
# their work.
#   scripts/slurm_check.sh     as root; installs Debian's slurm-wlm where there is none
# $VELATURA names the program (default build/release/velatura). Exit code 77: no Slurm can run here.
source "$(dirname "$0")/common.sh"

fail() { echo "slurm_check: $*" >&2; exit 1; }
skip() { echo "slurm_check: skipped: $*" >&2; exit 77; }

# Tries a command again and again, for so many seconds: within SECONDS COMMAND…
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

install_slurm() {
  local program missing=()
  for program in munged slurmctld slurmd sbatch; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [ ${#missing[@]} != 0 ] || return 0
  command -v apt-get >/dev/null || skip "no ${missing[*]}, and no apt-get to install them"
  stage "installing slurm-wlm and munge"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq </dev/null >/dev/null || skip "no ${missing[*]}, and apt-get update failed"
  apt-get install -y -qq --no-install-recommends slurm-wlm munge </dev/null >/dev/null ||
    skip "apt-get could not install slurm-wlm and munge"
}

# Neither accounting nor cgroups; two tasks side by side, on however many cores. A requeued task
# starts again after cred_expire seconds.
write_config() {
  local port=$((20000 + RANDOM % 10000)) host
  host="$(uname -n)"
  host="${host%%.*}"
  cat >"$SLURM_CONF" <<END
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket,cred_expire=5
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=2
PartitionName=check Nodes=$host Default=YES
END
}

is_idle() { [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }

# No task is pending, running or ending.
is_settled() {
  local tasks
  tasks="$(squeue --noheader)" && [ -z "$tasks" ]
}

daemons=()
start() {
  "$@" >"$work/$1.out" 2>&1 &
  daemons+=($!)
}

start_slurm() {
  chmod 755 "$work" # munged insists that everybody can reach its socket
  mkdir -m 700 "$work/key" "$work/state" "$work/spool"
  (umask 077 && head -c 128 /dev/urandom >"$work/key/munge.key")
  start munged --foreground --socket="$work/munge.socket" --key-file="$work/key/munge.key" \
    --seed-file="$work/key/seed" --pid-file="$work/munged.pid"
  within 10 test -S "$work/munge.socket" || skip "munged does not start: $(tail -n 1 "$work/munged.out")"
  write_config
  start slurmctld -D
  start slurmd -D
  within 30 is_idle || skip "Slurm does not start: $(tail -qn 1 "$work"/slurm*.out | xargs)"
}

stop_tasks() { scancel --user=root && within 40 is_settled || true; }

clean_up() {
  [ ${#daemons[@]} = 0 ] || kill "${daemons[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}

submit() { sbatch --parsable "$script" prompts.txt "${options[@]}" -o "$1/"; }
settle() { within 300 is_settled || fail "still at work after 300 s: $(squeue --noheader | xargs)"; }

# How each task of the array JOB must have ended, in their order: expect_states JOB STATE…
expect_states() {
  local job="$1" states
  shift
  states="$(squeue --noheader --states=all --array --job "$job" --format='%K %T' |
    sort -n | cut -d' ' -f2 | xargs)"
  [ "$states" = "$*" ] || fail "the tasks ended as $states, not $*: $(tail -qn 1 velatura-"$job"_*.log | xargs)"
}

# An array from its start to a good end: run_array FOLDER
run_array() {
  local job
  job="$(submit "$1")"
  settle
  expect_states "$job" COMPLETED COMPLETED COMPLETED COMPLETED
}

saved() { cat "$@" 2>/dev/null | grep -c '"event":"saved"' || true; }
has_saved() { [ "$(saved "$1")" != 0 ]; }

expect_pictures() {
  python3 "$same_pictures" same whole "$1" >&2 || fail "$1/ does not hold the pictures of one run without shards"
  local made
  made="$(saved "$1"/*.jsonl)"
  [ "$made" = 12 ] || fail "$1/: pictures were made $made times, not 12"
}

script="$PWD/scripts/batch.sbatch"
same_pictures="$PWD/scripts/pictures.py"
VELATURA="$(realpath "${VELATURA:-build/release/velatura}")"
export VELATURA
[ -x "$VELATURA" ] || fail "$VELATURA is not here: scripts/demo.sh builds it"
[ "$(id -u)" = 0 ] || skip "slurmd needs root"
install_slurm
work="$(mktemp -d)"
trap clean_up EXIT
export SLURM_CONF="$work/slurm.conf"
stage "starting munged, slurmctld and slurmd"
start_slurm
trap 'stop_tasks; clean_up' EXIT

cd "$work"
options=(--steps 100 --seed 7)
printf 'a %s on a white background\n' {red,blue,green}\ {circle,star,ring,heart} >prompts.txt

stage "12 pictures in one run"
"$VELATURA" batch --quiet --threads 1 --from-file prompts.txt "${options[@]}" -o whole/ >/dev/null

stage "the same as an array of 4 tasks"
run_array array
expect_pictures array
stage "the same array again: nothing to make"
run_array array
expect_pictures array

stage "an array whose tasks are requeued and cancelled amid their work"
job="$(submit stopped)"
within 60 has_saved stopped/prompts.1-of-4.journal.jsonl || fail "task 0 makes nothing"
scontrol requeue "${job}_0"
within 60 has_saved stopped/prompts.2-of-4.journal.jsonl || fail "task 1 makes nothing"
scancel "${job}_1"
settle
expect_states "$job" COMPLETED CANCELLED COMPLETED COMPLETED
grep -q 'there already' velatura-"$job"_0.log || fail "the requeued task did not go on where it was"
grep -q 'left: run the same command again' velatura-"$job"_1.log ||
  fail "the cancelled task did not stop in good order"
stage "the same array again: what is missing"
run_array stopped
expect_pictures stopped
stage "done: pictures of all shards equal those of one run, each made once"
