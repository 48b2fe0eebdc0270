"""An analysis job as stages over blobs: any stage can run in another process, or on another machine.

validate -> prepare -> shards by target -> aggregate -> signals -> evaluation -> store. Every stage reads and writes
``results/{result_id}/...``; what it writes depends on nothing but the spec, the data and the code, so running a stage
twice, or on two machines at once, writes the same bytes.
"""
