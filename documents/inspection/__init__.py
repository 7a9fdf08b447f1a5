"""What looks into uploaded files, in the process of documents/inspecting.py. Nothing here imports Django."""
