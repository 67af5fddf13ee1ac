# What the scripts here share; to be sourced. Needs `root`, the folder of the checkout. Environment: JOBS.

build=$root/build/quickstart

shown() { case "$1" in "$PWD"/*) echo "${1#"$PWD"/}" ;; *) echo "$1" ;; esac; }  # a path, short where it can be

stage() {  # stage NAME COMMAND...: runs it and says how long it took
  local name=$1 from=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@"
  printf '== %s: %d s\n' "$name" $((SECONDS - from))
}

configure_and_build() {
  local generator=() log=$build/configure.log
  mkdir -p "$build"
  # A build folder keeps the generator it was made with.
  if [ ! -e "$build/CMakeCache.txt" ] && command -v ninja > /dev/null; then generator=(-G Ninja); fi
  if ! cmake -S "$root" -B "$build" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release -DSOFTF1_BUILD_TESTS=OFF \
    -DSOFTF1_BUILD_BENCHMARKS=OFF > "$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
  if grep '^-- softf1: no program' "$log" >&2; then
    grep '^-- softf1: no component' "$log" >&2 || true
    return 1
  fi
  cmake --build "$build" --target softf1_program -j "${JOBS:-$(nproc)}"
}

packages() {
  "$root/cmake/install-packages" build programs || {
    echo "$(basename "$0"): packages are missing: run the command above as root, then this again" >&2
    return 1
  }
}

build_program() {  # sets `program`
  stage "packages" packages
  stage "build of softf1 (some minutes the first time)" configure_and_build
  program=$build/examples/trainer/softf1
}

find_program() {  # sets `program`: the one that SOFTF1 names, else it is built
  if [ -z "${SOFTF1:-}" ]; then
    build_program
  else
    program=$(realpath "$SOFTF1")
  fi
}

softf1() {  # softf1 ARGUMENT...: shows the command, and runs it
  show softf1 "$@"
  "$program" "$@"
}

show() {  # a command, as it could be typed
  local word
  printf '\n$'
  for word in "$@"; do
    case "$word" in
      *[!A-Za-z0-9_./:=,%@+-]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
}
