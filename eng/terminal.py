"""Runs a program on a terminal of its own for some seconds, and writes what it shows in the end as a page.

python3 eng/terminal.py SECONDS OUTPUT.html PROGRAM ARGUMENT...
"""

import fcntl
import html
import os
import pty
import re
import select
import struct
import sys
import termios
import time

ROWS, COLUMNS = 12, 96
seconds, output, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS), LINES=str(ROWS))
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
shown, end = b"", time.monotonic() + float(seconds)
while (left := end - time.monotonic()) > 0:
    if select.select([terminal], [], [], left)[0]:
        shown += os.read(terminal, 65536)
os.write(terminal, b"q")
time.sleep(0.5)

# A program that draws anew goes home first, or up again: what is behind the last such move is the picture.
text = shown.decode("utf-8", "replace")
frames = [frame for frame in re.split(r"\x1b\[(?:\d+A|H|1;1H|2J|3J)", text) if len(frame.strip()) > 80]
picture, is_bold = "", False
for part in re.split(r"(\x1b\[[\d;?]*[A-Za-z])", frames[-1].replace("\r", "")):
    if not part.startswith("\x1b"):
        picture += html.escape(part)
    elif part.endswith("m"):
        codes = part[2:-1].split(";")
        picture += "</b></i>" if codes[0] in ("", "0") else "<b>" if "1" in codes[:1] else "<i>"
style = "body{margin:0;background:#11161d;color:#e4e9f0;font:15px/1.35 'DejaVu Sans Mono',monospace;padding:14px 18px}pre{margin:0;font:inherit}i{font-style:normal;color:#7ab8ff}"
with open(output, "w", encoding="utf-8") as page:
    page.write(f"<!doctype html><meta charset=utf-8><style>{style}</style><pre>$ queueipc top\n{picture.strip(chr(10))}</pre>")
