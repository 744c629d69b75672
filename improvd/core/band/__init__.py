"""The band: bass, piano and drums beside the soloist. Pure; what they play is planned by others."""
