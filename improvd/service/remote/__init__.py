"""Steering from elsewhere: the control socket, `improvd ctl`, and figures for Prometheus."""
