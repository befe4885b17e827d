#!/usr/bin/env bash
# Times punctual and its peers on one export, in turn, and says whether they came to the same.
#
#   benches/run.sh [-n REPETITIONS] [-t TICKETS] [-f csv|parquet] [-s SETTLE] [-m] [-k] [-j] [DIR]
#
# -m: the peers only measure, instead of the whole data job. -k: punctual with a cache, its first run and its second,
# in place of the peers. -j: punctual on one thread and on two, in place of the peers.
# DIR holds the export, or is filled with a generated one; without it, a temporary folder that is removed.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1

repetitions=5 tickets=1000000 format=csv settle=1 job=()
jobs=(punctual duckdb polars)
while getopts n:t:f:s:mkj option; do
    case $option in
        n) repetitions=$OPTARG ;;
        t) tickets=$OPTARG ;;
        f) format=$OPTARG ;;
        s) settle=$OPTARG ;;
        m) job=(--measurements-only) ;;
        k) jobs=(first second) ;;
        j) jobs=(one two) ;;
        *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
done
shift $((OPTIND - 1))

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
punctual=${PUNCTUAL:-$root/target/release/punctual}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
data=${1:-$work/export}

if [[ ! -e $data/tickets.csv ]]; then
    # Built without the command's own features, the generator is ready in a minute or two.
    (cd "$root" && cargo build --quiet --release --no-default-features --example generate)
    "$root/target/release/examples/generate" --out "$data" --tickets "$tickets"
fi
input=$data
if [[ $format == parquet ]]; then
    input=$work/parquet
    python3 "$here/to_parquet.py" "$data" "$input"
fi

report() { "${timed[@]}" "$punctual" report "$input" --quiet --out "$work/report" "$@"; }

job() {
    case $1 in
        punctual) report ;;
        first) rm -rf "$work/cache" && report --cache "$work/cache" ;;
        second) report --cache "$work/cache" ;;
        one | two) report --threads "$([[ $1 == one ]] && echo 1 || echo 2)" ;;
        scan) "${timed[@]}" python3 "$here/peer_scan.py" "$data" ;;
        *) "${timed[@]}" python3 "$here/peer_$1.py" "$input" --format "$format" --out "$work/$1" "${job[@]}" ;;
    esac
}

# Seconds of wall time and the peak of memory in KiB, into $work/one.
if /usr/bin/time -f '%e %M' true 2>/dev/null; then
    timed=(/usr/bin/time -f '%e %M' -o "$work/one")
else
    timed=(python3 -c 'import resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.run(sys.argv[2:]).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1], "w").write(f"{time.perf_counter() - begun:.2f} {peak}\n")
sys.exit(code)' "$work/one")
fi

[[ ${jobs[0]} != punctual || -x $punctual ]] || {
    echo "$punctual is not there: the peers alone" >&2
    jobs=(duckdb polars)
}
[[ $format == csv && ${#jobs[@]} == 3 ]] && jobs+=(scan)

cat "$input"/*."$format" >/dev/null # read once, so that no run pays for a cold disk
for ((n = 1; n <= repetitions; n++)); do
    for name in "${jobs[@]}"; do
        # What the job before left to be written to the disk is no part of this one.
        sync
        sleep "$settle"
        job "$name" >"$work/$name.out"
        echo "$name $(tail -n 1 "$work/one")" | tee -a "$work/times"
    done
done

python3 - "$work/times" <<'END'
import collections, statistics, sys

runs = collections.defaultdict(list)
for line in open(sys.argv[1]):
    name, seconds, kib = line.split()
    runs[name].append((float(seconds), int(kib) / 1024))
base = statistics.median(seconds for seconds, _ in next(iter(runs.values())))
print(f"\n{'':10}{'median':>10}{'least':>10}{'most':>10}{'memory':>12}{'ratio':>8}")
for name, all_of in runs.items():
    times, peaks = zip(*all_of)
    middle = statistics.median(times)
    print(f"{name:10}{middle:8.2f} s{min(times):8.2f} s{max(times):8.2f} s{statistics.median(peaks):8.0f} MiB{middle / base:7.2f}x")
END

if [[ ${jobs[0]} == punctual && ${#job[@]} == 0 ]]; then
    python3 "$here/same.py" "$work/report" "$work/duckdb"
    python3 "$here/same.py" "$work/report" "$work/polars"
fi
