"""A code that speaks the i-PI protocol: ASE's SocketClient with EMT, as its documentation has it.

    python ipiClient.py ADDRESS STRUCTURE.xyz [SECONDS]    ADDRESS as in the engine's option; SECONDS that each calculation takes besides

Prints its process id and the number of a calculation when that begins."""
import os
import sys
import time

from ase.calculators.emt import EMT
from ase.calculators.socketio import SocketClient
from ase.io import read

address, path = sys.argv[1:3]
seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 0


class Slow(EMT):
    calls = 0

    def calculate(self, *args):
        self.calls += 1
        print(os.getpid(), self.calls, flush=True)
        time.sleep(seconds)
        super().calculate(*args)


atoms = read(path)
atoms.calc = Slow()
kind, place = address.split(":")
client = SocketClient(unixsocket=place) if kind == "unix" else SocketClient(host=kind, port=int(place))
client.run(atoms, use_stress=bool(atoms.pbc.any()))
