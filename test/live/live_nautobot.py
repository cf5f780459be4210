"""What the files of this folder share: Nautobot set up in this process, and its own servers beside it."""

import atexit
import os
import socket
import subprocess
import sys
import time

import nautobot
import requests

nautobot.setup()

SERVER = os.path.join(os.path.dirname(sys.executable), "nautobot-server")


def _stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()


def start(*arguments):
    """Starts a nautobot-server that ends with this process."""
    log = open(os.path.join(os.environ["LIVE_FILES"], arguments[0] + ".log"), "ab")
    process = subprocess.Popen([SERVER, *arguments], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    atexit.register(_stop, process)
    return process


def start_web():
    """Starts a web server of Nautobot on a free port of this machine, and returns its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start("runserver", "--noreload", "--insecure", f"127.0.0.1:{port}")
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            requests.get(url + "/login/", timeout=60)
            return url
        except requests.ConnectionError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
    sys.exit("Nautobot's web server does not start")
