#!/usr/bin/env bash
# Makes the pictures of README and docs/dashboard.md anew. Needs Chromium, and Python for the terminal's.
set -euo pipefail
cd "$(dirname "$0")/.."
images="$PWD/docs/images"
mkdir -p "$images"

# queueipc top, with three queues at work.
work=$(mktemp -d)
dotnet build src/QueueIpc.Cli -v q
export QUEUEIPC_ENDPOINT="top-$$"
tool=(dotnet src/QueueIpc.Cli/bin/Debug/net10.0/QueueIpc.Cli.dll)
"${tool[@]}" serve --name "$QUEUEIPC_ENDPOINT" & pids=($!)
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
until "${tool[@]}" ping >/dev/null 2>&1; do :; done
"${tool[@]}" create audit >/dev/null
seq 1 7 | "${tool[@]}" put mail
for queue in orders thumbnails; do
  python3 -uc 'import math, time
for i in range(10**6):
    print(f"item {i}")
    time.sleep(0.01 + 0.009 * math.sin(i / 150))' 2>/dev/null | "${tool[@]}" put "$queue" & pids+=($!)
done
"${tool[@]}" get orders --follow >/dev/null & pids+=($!)
python3 eng/terminal.py 25 "$work/top.html" "${tool[@]}" top
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=860,190 --screenshot="$images/top.png" "file://$work/top.html"
[ "${1:-}" = top ] && exit

QUEUEIPC_SCREENSHOTS="$images" dotnet test --project tests/QueueIpc.Dashboard.Tests -- --filter-class '*ScreenshotTests'
