"""What pages are shown: notes to come, the network, the chart, reports, the jams that were."""
