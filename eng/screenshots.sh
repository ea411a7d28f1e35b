#!/usr/bin/env bash
# Makes the pictures of docs/dashboard.md anew. Needs Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
export QUEUEIPC_SCREENSHOTS="$PWD/docs/images"
mkdir -p "$QUEUEIPC_SCREENSHOTS"
dotnet test --project tests/QueueIpc.Dashboard.Tests -- --filter-class '*ScreenshotTests'
