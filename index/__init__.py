"""Document to index: parse, chunk, encode, and keep on disk what answering needs."""

import os

# As of 1.29 onnxruntime counts what is run, and sends it to its makers, unless this is set before it is imported. Set
# here, it is in force whichever file comes first, and in every process that is started.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
