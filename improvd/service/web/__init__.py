"""The live page: served by the service to browsers, which hear, see, play and steer the music."""
