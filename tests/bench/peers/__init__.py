"""nbtrail beside other trackers and beside the same work done by hand, measured in one run."""
