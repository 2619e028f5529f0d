"""One module an incident: ``play`` sets it up, ``evidence`` finds its cause in the trail."""
