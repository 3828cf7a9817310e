"""Makes PyPI's Linux build of PyTorch usable on the CPU without the gigabytes of CUDA libraries that it names.

The loader wants these libraries to exist, though nothing on the CPU calls them. Each one that is missing gets an empty library of its name
beside PyTorch's own, with every symbol and symbol version that PyTorch asks for; each function answers 999, CUDA's "unknown error", so that
PyTorch finds no GPU. Needs a C compiler and readelf. Does nothing where no library is missing (macOS, a CPU build, CUDA installed).
"""
import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def main():
    if sys.platform != "linux":
        return
    folder = pathlib.Path(importlib.util.find_spec("torch").origin).parent / "lib"
    libraries = sorted(folder.glob("lib*.so*"))
    needed, asked, defined = {}, {}, set()
    for library in libraries:
        for name in re.findall(r"\(NEEDED\).*\[(.+)\]", readelf("-d", library)):
            needed[name] = True
        for fields in map(str.split, readelf("--dyn-syms", library).splitlines()):
            if len(fields) < 8 or not fields[0].endswith(":"):
                continue
            name, _, version = fields[7].partition("@")
            if fields[6] != "UND":
                defined.add(name)
            elif fields[4] == "GLOBAL":
                asked[name] = version.lstrip("@")
    cached = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    missing = [n for n in needed if not (folder / n).exists() and f"\t{n} " not in cached]
    if not missing:
        return
    # A version is named after the library that has it (NVSHMEM: after a part of it); symbols without a version may stand in any.
    system = re.compile(r"GLIBC|CXXABI|GCC_|GOMP|OMP_")
    symbols = {name: {} for name in missing}
    for name, version in asked.items():
        if system.match(version) or name in defined:
            continue
        home = next((m for m in missing if version and (m == version or version.lower() in m)), None)
        if home or not version:
            symbols[home or missing[0]].setdefault(version, []).append(name)
    with tempfile.TemporaryDirectory() as scratch:
        for soname, versions in symbols.items():
            code, script = [], pathlib.Path(scratch, f"{soname}.map")
            for version, names in versions.items():
                # libc, libm and libstdc++ have the last word on what they define themselves: ours are weak.
                code += [f"__attribute__((weak)) long {n}(void) {{ return 999; }}" for n in names]
            source = pathlib.Path(scratch, f"{soname}.c")
            source.write_text("\n".join(code))
            script.write_text("".join(f"{v} {{ global: {'; '.join(n)}; }};\n" for v, n in versions.items() if v))
            options = [f"-Wl,--version-script={script}"] if any(versions) else []
            command = ["cc", "-w", "-shared", "-fPIC", "-fno-builtin", f"-Wl,-soname,{soname}", *options, str(source), "-o", str(folder / soname)]
            subprocess.run(command, check=True)
    print(f"{len(missing)} empty CUDA libraries for {folder}")


main()
