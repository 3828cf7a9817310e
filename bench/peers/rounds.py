"""The far side of a comparison. Prints one JSON line when ready, then one for each request on stdin, `{"case", "repeats"}`: a list of
[wall s, CPU s of all threads]. What each case came to was checked before it is timed."""
import json
import sys
import time


def serve(cases, **facts):
    print(json.dumps({"cases": list(cases), **facts}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        work, samples = cases[request["case"]], []
        for _ in range(request["repeats"]):
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            samples.append([time.perf_counter() - wall, time.process_time() - cpu])
        print(json.dumps(samples), flush=True)
