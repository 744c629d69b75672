"""Lead sheets in MusicXML: a chart written as one, and one read as a chart."""
