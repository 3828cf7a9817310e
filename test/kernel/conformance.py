"""All checks of jupyter_kernel_test against the kernel `qmml`, none left out."""

import unittest

import jupyter_kernel_test as jkt
from jupyter_kernel_test import msgspec_v5

# Part of the protocol since 5.4 (JEP 65), and not yet of the package's list of messages.
msgspec_v5.schema_fragments.setdefault("iopub_welcome", {"properties": {"subscription": {"type": "string"}}})

HTML = 'display({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>a</b>", "text/plain": "a" }) })'


class Conformance(jkt.KernelTests):
    kernel_name = "qmml"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "consol", "matches": {"console"}},
        {"text": "Math.sqr", "matches": {"sqrt"}},
        {"text": "globalThis.parseFl", "matches": {"parseFloat"}},
    ]
    complete_code_samples = ["1", "let a = 1;", "function f(x: number) { return x; }", "`a\nb`", "await (1)", ""]
    incomplete_code_samples = ["function f() {", "if (true) {\n  f(", "const t = `", "/* note", "[1, 2,", "f("]
    invalid_code_samples = ["let = ;", "}", "const a b", "f)"]
    code_page_something = "Math?"
    code_generate_error = "throw new RangeError('out of range')"
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "[1, 2, 3].map((x) => 2 * x)", "result": "[ 2, 4, 6 ]"},
        {"code": "await Promise.resolve('a')", "result": "'a'"},
        {"code": "({ [Symbol.for('Jupyter.display')]: () => ({ 'application/json': { a: 1 } }) })", "mime": "application/json"},
    ]
    code_display_data = [{"code": HTML, "mime": "text/html"}]
    code_history_pattern = "1 + ?"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.sqrt"
    code_clear_output = "globalThis[Symbol.for('qmml.kernel')].clearOutput()"


class Welcome(jkt.IopubWelcomeTests):
    kernel_name = "qmml"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
