"""Gives an adapter's software an age where the policy has none: `python3 ../age.py 600 COMMAND…`.

Software that always sends Access-Control-Max-Age lacks the knob `max_age.absent`, which most policies need. Where the bug
has nothing to do with ages, this lets it be asked under those policies too: it stands between corspec and the adapter.
"""

import json
import subprocess
import sys

age, command = int(sys.argv[1]), sys.argv[2:]
adapter = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def with_age(policy):
    routes = [{**route, "policy": with_age(route["policy"])} for route in policy.get("routes") or []]
    policy = {**policy, **({"routes": routes} if routes else {})}
    return policy if policy.get("max_age") is not None else {**policy, "max_age": age}


for line in sys.stdin:
    request = json.loads(line)
    if "policy" in request:
        request["policy"] = with_age(request["policy"])
    print(json.dumps(request), file=adapter.stdin, flush=True)
    answer = json.loads(adapter.stdout.readline())
    if "knobs" in answer:
        answer["knobs"].append("max_age.absent")
    print(json.dumps(answer), flush=True)
    if request.get("op") == "stop":
        break
adapter.stdin.close()
sys.exit(adapter.wait())
