"""Jupyter's protocol, message by message: questions, history, replies to what is wrong, signatures, permissions, signals, ends of the kernel."""

import json
import os
import random
import signal
import stat
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import psutil
import zmq
from case import API, PATIENCE, TIMEOUT, KernelCase, another_client, until
from jupyter_client.connect import write_connection_file
from jupyter_client.manager import KernelManager


def kinds(messages):
    return [m["msg_type"] for m in messages]


class Input(KernelCase):
    def question(self, client=None):
        message = (client or self.kc).get_stdin_msg(timeout=TIMEOUT)
        self.assertEqual(message["msg_type"], "input_request")
        return message

    def ask(self, code, client=None):
        sent = (client or self.kc).execute(code, allow_stdin=True)
        return sent, self.question(client)

    def test_answers(self):
        sent, asked = self.ask("console.log('before'); const name = await input('name? '); name")
        self.assertEqual(asked["content"], {"prompt": "name? ", "password": False})
        self.assertEqual(asked["parent_header"]["msg_id"], sent)
        self.kc.input("Ada\n")
        out = self.published(sent)
        self.assertEqual(kinds(out), ["status", "execute_input", "stream", "execute_result", "status"])
        self.assertEqual(out[3]["content"]["data"]["text/plain"], "'Ada\\n'")

    def test_password(self):
        sent, asked = self.ask("(await input('word: ', { password: true })).length")
        self.assertTrue(asked["content"]["password"])
        self.kc.input("geheim")
        self.assertEqual(self.published(sent)[2]["content"]["data"]["text/plain"], "6")

    def test_a_client_that_cannot_be_asked(self):
        reply, _ = self.run_cell("await input('?')", allow_stdin=False)
        self.assertIn("this client cannot be asked for input; give the value in the cell", reply["evalue"])
        self.assertFalse(self.kc.stdin_channel.msg_ready())

    def test_interrupt_while_waiting(self):
        sent, _ = self.ask("await input('?')")
        self.km.interrupt_kernel()
        [reply] = self.answers(sent)
        self.assertEqual(reply["content"]["ename"], "KeyboardInterrupt")
        # An answer to a question that is gone is nobody's, also not the next one's.
        self.kc.input("late")
        self.assertEqual(self.value("1 + 1"), "2")
        sent, _ = self.ask("await input('again')")
        self.kc.input("right")
        self.assertEqual(self.published(sent)[2]["content"]["data"]["text/plain"], "'right'")

    def test_the_client_that_runs_the_cell_is_asked(self):
        other = another_client(self.km)
        sent, _ = self.ask("await input('you?')", other)
        self.assertFalse(self.kc.stdin_channel.msg_ready())
        self.kc.input("not mine to say")
        time.sleep(0.1)
        other.input("I")
        self.assertEqual(self.published(sent)[2]["content"]["data"]["text/plain"], "'I'")
        other.stop_channels()

    def test_a_cell_that_does_not_wait(self):
        sent, _ = self.ask("void input('?').catch((e) => console.log(e.message)); 0")
        self.published(sent)
        self.assertIn("has ended", self.message("iopub", "stream")["content"]["text"])
        self.kc.input("too late")
        self.assertEqual(self.value("2 + 2"), "4")


class Messages(KernelCase):
    def reply(self, channel, kind, content):
        sent = self.send(kind, content, channel=channel)
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            message = getattr(self.kc, f"get_{channel}_msg")(timeout=TIMEOUT)
            if message["parent_header"]["msg_id"] == sent:
                return message["content"]
        raise TimeoutError(kind)

    def test_order(self):
        """Whatever a cell shows comes between its input and its end, in the order in which it was shown."""
        sent = self.kc.execute(f"console.log(1); {API}.display({{ 'text/plain': 'd' }}); console.error(2); await 0; console.log(3); 4")
        out = self.published(sent)
        self.assertEqual(kinds(out), ["status", "execute_input", "stream", "display_data", "stream", "stream", "execute_result", "status"])
        self.assertEqual([m["content"].get("execution_state") for m in (out[0], out[-1])], ["busy", "idle"])
        self.assertEqual(out[1]["content"]["execution_count"], out[-2]["content"]["execution_count"])
        self.answers(sent)

    def test_errors(self):
        reply, out = self.run_cell("const e = new RangeError('far'); console.log('x'); throw e;")
        self.assertEqual(kinds(out), ["stream", "error"])
        self.assertEqual({k: reply[k] for k in ("ename", "evalue", "traceback")}, out[1]["content"])
        self.assertEqual((reply["ename"], reply["evalue"]), ("RangeError", "far"))

    def test_silence(self):
        count = self.run_cell("1")[0]["execution_count"]
        code = f"console.log('a'); {API}.display({{ 'text/plain': 'd' }}); {API}.clearOutput(); setTimeout(() => console.log('late'), 50); 2"
        for code, status in ((code, "ok"), ("throw 1", "error")):
            sent = self.kc.execute(code, silent=True)
            self.assertEqual(kinds(self.published(sent)), ["status", "status"])
            [reply] = self.answers(sent)
            self.assertEqual((reply["content"]["status"], reply["content"]["execution_count"]), (status, count))
        time.sleep(0.15)
        self.assertFalse(self.kc.iopub_channel.msg_ready())
        self.assertEqual(self.run_cell("1", store_history=False)[0]["execution_count"], count)
        self.assertEqual(self.run_cell("1")[0]["execution_count"], count + 1)

    def test_user_expressions(self):
        wanted = {"sum": "v + 1", "thrown": "missing.x", "parsed": "1 +", "none": "undefined", "later": "Promise.resolve(7)"}
        reply, out = self.run_cell("const v = 3;", user_expressions=wanted)
        found = reply["user_expressions"]
        self.assertEqual(out, [])
        self.assertEqual(found["sum"], {"status": "ok", "data": {"text/plain": "4"}, "metadata": {}})
        self.assertEqual({k: v["status"] for k, v in found.items() if v["status"] == "error"}.keys(), {"thrown", "parsed"})
        for name in ("thrown", "parsed"):
            self.assertLessEqual({"ename", "evalue", "traceback"}, found[name].keys())
        self.assertEqual(found["later"]["data"]["text/plain"], "7")
        self.assertEqual(self.run_cell("throw 1", user_expressions=wanted)[0]["user_expressions"], {})

    def test_metadata_of_lab(self):
        content = {"code": "1 + 1", "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True, "stop_on_error": True}
        sent = self.send("execute_request", content, metadata={"cellId": "a-b", "deletedCells": ["c"], "recordTiming": True})
        self.assertEqual(self.answers(sent)[0]["content"]["status"], "ok")

    def test_history(self):
        # Other sessions may have had the same inputs.
        mark = f"h{random.randrange(10**9)}"
        for code in (f"let {mark} = 10;", f"{mark} * 2", f"{mark} * 2", f"throw {mark}"):
            self.run_cell(code)
        self.run_cell("'not kept'", store_history=False)
        ask = lambda **content: self.reply("shell", "history_request", {"output": False, "raw": True, **content})
        tail = ask(hist_access_type="tail", n=4)["history"]
        self.assertEqual([text for _, _, text in tail], [f"let {mark} = 10;", f"{mark} * 2", f"{mark} * 2", f"throw {mark}"])
        session, line, _ = tail[1]
        found = ask(hist_access_type="range", session=0, start=line, stop=line + 1, output=True)["history"]
        self.assertEqual(found, [[session, line, [f"{mark} * 2", "20"]]])
        self.assertEqual(ask(hist_access_type="range", session=session, start=line, stop=line + 1)["history"], [[session, line, f"{mark} * 2"]])
        self.assertEqual([n for _, n, _ in ask(hist_access_type="search", pattern=f"{mark} ?*")["history"]], [line, line + 1])
        self.assertEqual([n for _, n, _ in ask(hist_access_type="search", pattern=f"{mark}*", unique=True)["history"]], [line + 1])
        wrong = ask(hist_access_type="everything")
        self.assertEqual((wrong["status"], wrong["ename"]), ("error", "RangeError"))
        self.assertIn("tail", wrong["evalue"])

    def test_history_of_earlier_sessions(self):
        mark = f"// {random.random()}"
        self.run_cell(mark)
        km, client = started()
        found = reply_to(client, client.history(hist_access_type="search", pattern=f"*{mark}", output=False, raw=True))["history"]
        self.assertEqual([text for *_, text in found], [mark])
        ended(km, client)

    def test_questions_about_code(self):
        self.run_cell("/** How wide. */ const width: number = 3;")
        reply = self.reply("shell", "inspect_request", {"code": "width", "cursor_pos": 5, "detail_level": 1})
        self.assertIn("How wide", reply["data"]["text/plain"])
        self.assertEqual(self.reply("shell", "inspect_request", {"code": "nonsuch", "cursor_pos": 3})["found"], False)
        # Without a place the end is meant.
        self.assertIn("width", self.reply("shell", "complete_request", {"code": "wid"})["matches"])
        reply = self.reply("shell", "is_complete_request", {"code": "for (;;) {"})
        self.assertEqual((reply["status"], reply["indent"]), ("incomplete", "  "))

    def test_kernel_info(self):
        for channel in ("shell", "control"):
            info = self.reply(channel, "kernel_info_request", {})
            self.assertEqual((info["status"], info["protocol_version"], info["supported_features"]), ("ok", "5.4", []))
            self.assertEqual(info["language_info"]["name"], "typescript")
        ports = self.reply("shell", "connect_request", {})
        file = self.km.get_connection_info()
        self.assertEqual({k: v for k, v in ports.items() if k != "status"}, {k: file[k] for k in file if k.endswith("_port")})

    def test_what_this_kernel_does_not_do(self):
        reply = self.reply("control", "debug_request", {"type": "request", "seq": 7, "command": "initialize", "arguments": {}})
        self.assertEqual((reply["type"], reply["request_seq"], reply["command"], reply["success"]), ("response", 7, "initialize", False))
        for channel, kind in (("shell", "nonsense_request"), ("control", "create_subshell_request"), ("control", "execute_request")):
            sent = self.send(kind, {"code": "1"}, channel=channel)
            self.assertEqual(kinds(self.published(sent)), ["status", "status"])
        self.assertFalse(self.kc.control_channel.msg_ready())

    def test_comms(self):
        self.run_cell(f"let got: unknown[] = []; {API}.comms.register('keep', (c) => c.onMessage((d) => got.push(d)));")
        self.send("comm_open", {"comm_id": "k", "target_name": "keep", "data": {}})
        self.assertEqual(self.reply("shell", "comm_info_request", {})["comms"], {"k": {"target_name": "keep"}})
        for i in range(3):
            self.send("comm_msg", {"comm_id": "k", "data": i})
        self.assertEqual(self.value("await null; got"), "[ 0, 1, 2 ]")
        for content in ({}, {"comm_id": 5}, {"comm_id": "nobody", "data": {}}):
            self.send("comm_msg", content)
        self.send("comm_close", {"comm_id": "k", "data": {}})
        self.assertEqual(self.reply("shell", "comm_info_request", {"target_name": "keep"})["comms"], {})

    def test_late_output_belongs_to_its_cell(self):
        first = self.kc.execute("setTimeout(() => console.log('from the first'), 400); 1")
        self.published(first)
        second = self.kc.execute("await new Promise((r) => setTimeout(r, 800)); console.log('from the second'); 2")
        texts = {}
        while len(texts) < 2:
            message = self.message("iopub", "stream")
            texts[message["content"]["text"]] = message["parent_header"]["msg_id"]
        self.assertEqual(texts, {"from the first\n": first, "from the second\n": second})
        self.published(second)

    def test_signals(self):
        pid = self.km.provisioner.pid

        def many():
            for _ in range(50):
                os.kill(pid, signal.SIGINT)
                time.sleep(0.002)

        many()
        self.run_cell("let n = 0;")
        for code in ("for (;;) n += 1;", "await 0; for (;;) n += 1;", "await new Promise(() => {});"):
            with self.subTest(code):
                # In a loop the first may not be heard: what hears it there begins with a cell that takes long.
                ended = threading.Event()

                def again():
                    while not ended.wait(1.5):
                        os.kill(pid, signal.SIGINT)

                threading.Thread(target=again).start()
                try:
                    self.assertEqual(self.error(code)["ename"], "KeyboardInterrupt")
                finally:
                    ended.set()
        many()
        self.assertEqual(self.value("n > 0"), "true")


class Wrong(KernelCase):
    """What no client should send."""

    def socket(self, channel, kind=zmq.DEALER):
        socket = self.kc.context.socket(kind)
        socket.linger = 1000
        info = self.km.get_connection_info()
        socket.connect(f"tcp://{info['ip']}:{info[f'{channel}_port']}")
        return socket

    def alive(self):
        self.assertEqual(self.value("6 * 7"), "42")
        beat = self.socket("hb", zmq.REQ)
        beat.send(b"ping")
        self.assertTrue(beat.poll(TIMEOUT * 1000))
        self.assertEqual(beat.recv(), b"ping")
        beat.close()

    def test_frames(self):
        chance = random.Random(1)
        session = self.kc.session
        whole = session.serialize(session.msg("kernel_info_request"))
        pieces = [b"", b"<IDS|MSG>", b"{}", b"[]", b"null", b"{", b"\xff\xfe", b"0" * 64, b"x" * 100_000, *whole]
        for channel in ("shell", "control", "stdin", "hb"):
            socket = self.socket(channel)
            for _ in range(100):
                socket.send_multipart(chance.choices(pieces, k=chance.randint(1, 9)))
            socket.close()
        self.alive()

    def test_contents(self):
        chance = random.Random(2)
        values = [None, True, -1, 1e300, "", "x", "\U0001d6fc", [], [1], {}, {"a": None}, {"x": {"y": []}}]
        fields = ["code", "cursor_pos", "silent", "user_expressions", "comm_id", "target_name", "data", "hist_access_type", "n", "pattern"]
        fields += ["session", "start", "stop", "store_history", "stop_on_error", "allow_stdin", "value", "seq", "detail_level", "unique"]
        types = ["execute_request", "complete_request", "inspect_request", "history_request", "is_complete_request", "comm_info_request"]
        types += ["comm_open", "comm_msg", "comm_close", "kernel_info_request", "connect_request", "debug_request", "interrupt_request"]
        types += ["input_reply", "execute_reply", "", "_request", "constructor_request", "__proto___request"]
        for i in range(400):
            chosen = chance.sample(fields, chance.randint(0, 6))
            content = {field: chance.choice(values) for field in chosen}
            self.send(chance.choice(types), content, channel=chance.choice(["shell", "control", "stdin"]))
            if i % 50 == 0:
                self.alive()
        self.alive()

    def test_an_answer_for_whoever_is_wrong(self):
        for content in ({}, {"code": 5}, {"code": "1", "user_expressions": [1]}):
            sent = self.send("execute_request", content)
            self.assertEqual(kinds(self.published(sent)), ["status", "status"])
            reply = self.answers(sent)[0]["content"]
            self.assertEqual((reply["status"], reply["ename"]), ("error", "TypeError"))

    def test_signatures(self):
        stranger = another_client(self.km)
        stranger.session.key = b"another key"
        stranger.kernel_info()
        # The same message again, as one who listens on the line could send it.
        message = self.kc.session.msg("kernel_info_request")
        for _ in range(3):
            self.kc.session.send(self.kc.shell_channel.socket, message)
        self.answers(message["header"]["msg_id"])
        self.alive()
        self.assertFalse(self.kc.shell_channel.msg_ready())
        self.assertFalse(stranger.shell_channel.msg_ready())
        stranger.stop_channels()


def client_of(km):
    """Starts the manager's kernel."""
    km.start_kernel()
    client = km.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    return client


def started():
    km = KernelManager(kernel_name="qmml")
    return km, client_of(km)


def reply_to(client, sent):
    while True:
        reply = client.get_shell_msg(timeout=TIMEOUT)
        if reply["parent_header"]["msg_id"] == sent:
            return reply["content"]


def ended(km, client):
    client.stop_channels()
    km.shutdown_kernel(now=True)


class Starts(unittest.TestCase):
    def test_over_files_and_without_a_key(self):
        km = KernelManager(kernel_name="qmml", transport="ipc")
        km.session.key = b""
        client = client_of(km)
        self.assertEqual(client.execute("1", reply=True, timeout=TIMEOUT)["content"]["status"], "ok")
        sockets = [Path(f"{km.ip}-{port}") for port in km.ports]
        self.assertEqual({stat.S_IMODE(path.stat().st_mode) for path in sockets}, {0o600})
        ended(km, client)

    def run_by_file(self, mode, changes=None):
        """The kernel's process with a connection file of this mode, and the file."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path, connection = write_connection_file(str(Path(folder.name) / "kernel.json"), key=b"k")
        Path(path).write_text(json.dumps({**connection, "key": "k", **(changes or {})}))
        os.chmod(path, mode)
        argv = [path if word == "{connection_file}" else word for word in KernelManager(kernel_name="qmml").kernel_spec.argv]
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True), path

    def test_files_that_others_could_have_written(self):
        for mode, changes, words in (
            (0o666, {}, "others can write"),
            (0o600, {"signature_scheme": "hmac-md5"}, "hmac-md5"),
            (0o600, {"key": None}, "has no key"),
        ):
            with self.subTest(words):
                process, path = self.run_by_file(mode, changes)
                _, stderr = process.communicate(timeout=TIMEOUT)
                self.assertEqual(process.returncode, 1)
                self.assertIn(words, stderr)
                self.assertEqual(len(stderr.splitlines()), 1, stderr)

    def test_a_file_that_others_can_read(self):
        process, path = self.run_by_file(0o644)
        self.assertIn("others can read", process.stderr.readline())
        process.kill()
        process.communicate()


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Ends(unittest.TestCase):
    def test_shutdown_in_a_loop_with_children(self):
        km, client = started()
        code = "import { spawn } from 'node:child_process'; const child = spawn('sleep', ['600']); const far = spawn('sleep', ['600'], { detached: true }); [child.pid, far.pid].join()"
        out = []
        client.execute_interactive(code, output_hook=out.append, timeout=TIMEOUT)
        text = next(m["content"]["data"]["text/plain"] for m in out if m["msg_type"] == "execute_result")
        child, far = map(int, text.strip("'").split(","))
        client.execute("for (;;);")
        time.sleep(0.3)
        sent = client.shutdown()
        reply = client.get_control_msg(timeout=TIMEOUT)
        self.assertEqual((reply["msg_type"], reply["parent_header"]["msg_id"]), ("shutdown_reply", sent))
        self.assertEqual((reply["content"]["status"], reply["content"]["restart"]), ("ok", False))
        seconds = until(lambda: not km.is_alive())
        # Half a second by itself; the bound is for machines that do other things.
        self.assertLess(seconds, PATIENCE)
        published = []
        while True:
            message = client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == sent:
                published.append(message["msg_type"])
                if message["content"].get("execution_state") == "idle":
                    break
        self.assertEqual(published, ["status", "shutdown_reply", "status"])
        until(lambda: is_gone(child))
        # A group of its own says that it is to outlive the kernel, as studies do.
        self.assertTrue(psutil.pid_exists(far))
        os.kill(far, signal.SIGKILL)
        client.stop_channels()
        km.cleanup_resources()

    def test_two_kernels(self):
        """Both compute; one is interrupted, started again and killed; the other notices nothing."""
        (one, ask_one), (two, ask_two) = started(), started()
        long = ask_two.execute("let s = 0; { const end = Date.now() + 5000; while (Date.now() < end) s += 1; } 'whole'")
        loop = ask_one.execute("const gone = 1; for (;;);")
        while ask_one.get_iopub_msg(timeout=TIMEOUT)["parent_header"].get("msg_id") != loop:
            pass
        time.sleep(0.3)
        one.interrupt_kernel()
        self.assertEqual(reply_to(ask_one, loop)["ename"], "KeyboardInterrupt")
        ask_one.execute("for (;;);")
        time.sleep(0.3)
        pid = one.provisioner.pid
        one.restart_kernel()
        ask_one.wait_for_ready(timeout=TIMEOUT)
        self.assertTrue(is_gone(pid))
        reply = ask_one.execute("gone", reply=True, timeout=TIMEOUT)["content"]
        self.assertEqual((reply["status"], reply["execution_count"]), ("error", 1))
        ended(one, ask_one)
        self.assertEqual(reply_to(ask_two, long)["status"], "ok")
        ended(two, ask_two)


if __name__ == "__main__":
    unittest.main()
