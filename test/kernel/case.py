"""What the scripts of this folder share: a kernel `qmml` of its own for each class of tests, and a client that asks it."""

import tempfile
import threading
import time
import unittest

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

TIMEOUT = 60
# s until what takes less than one on an idle machine must have happened on any: how long it took is printed, and decides nothing.
PATIENCE = 20
API = "globalThis[Symbol.for('qmml.kernel')]"


def another_client(km):
    """A client with a session of its own; those that a manager gives out share one, and the identity on the sockets with it."""
    client = BlockingKernelClient(connection_file=km.connection_file)
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    return client


def until(condition, seconds=TIMEOUT):
    """Seconds until the condition holds."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - begun


class KernelCase(unittest.TestCase):
    """A kernel of its own in an empty folder, which has neither packages nor types of Node."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="qmml kernel ")
        cls.km = KernelManager(kernel_name="qmml")
        cls.km.start_kernel(cwd=cls.folder.name)
        cls.kc = cls.km.client()
        cls.kc.start_channels()
        cls.kc.wait_for_ready(timeout=TIMEOUT)

    @classmethod
    def tearDownClass(cls):
        cls.kc.stop_channels()
        cls.km.shutdown_kernel()
        cls.folder.cleanup()

    def run_cell(self, code, **options):
        """(content of the reply, messages on iopub but statuses and the input)"""
        out = []
        reply = self.kc.execute_interactive(code, output_hook=out.append, timeout=TIMEOUT, **options)
        return reply["content"], [m for m in out if m["msg_type"] not in ("status", "execute_input")]

    def answers(self, *sent):
        """The replies to these requests, in the order in which they come; others, such as to a client that asked twice, do not count."""
        replies = []
        while len(replies) < len(sent):
            reply = self.kc.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"]["msg_id"] in sent:
                replies.append(reply)
        return replies

    def value(self, code):
        reply, out = self.run_cell(code)
        self.assertEqual(reply["status"], "ok", reply.get("traceback"))
        results = [m["content"]["data"]["text/plain"] for m in out if m["msg_type"] == "execute_result"]
        return results[0] if results else None

    def error(self, code):
        reply, out = self.run_cell(code)
        self.assertEqual(reply["status"], "error")
        return next(m["content"] for m in out if m["msg_type"] == "error")

    def interrupted(self, code, after=0.4):
        """(content of the reply, messages, s from the interrupt to the end) of a cell that is interrupted so many s after it began."""
        stopped = []
        out = []

        def stop():
            stopped.append(time.monotonic())
            self.km.interrupt_kernel()

        def hear(message):
            out.append(message)
            if message["msg_type"] == "execute_input":
                threading.Timer(after, stop).start()

        reply = self.kc.execute_interactive(code, output_hook=hear, timeout=TIMEOUT)["content"]
        seconds = time.monotonic() - stopped[0]
        self.assertEqual(reply.get("ename"), "KeyboardInterrupt", code)
        self.assertLess(seconds, PATIENCE)
        return reply, out, seconds

    def message(self, channel, kind):
        """The next message of a kind; others are passed over."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            message = getattr(self.kc, f"get_{channel}_msg")(timeout=TIMEOUT)
            if message["msg_type"] == kind:
                return message
        raise TimeoutError(kind)

    def send(self, kind, content, buffers=None, channel="shell", metadata=None):
        message = self.kc.session.msg(kind, content, metadata=metadata)
        self.kc.session.send(getattr(self.kc, f"{channel}_channel").socket, message, buffers=buffers)
        return message["header"]["msg_id"]

    def published(self, parent):
        """What was published for a request, up to its last status."""
        messages = []
        while not messages or messages[-1]["content"].get("execution_state") != "idle":
            message = self.kc.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == parent:
                messages.append(message)
        return messages
