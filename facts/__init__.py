"""Case records: read, checked, brought into full form, and turned into facts."""
