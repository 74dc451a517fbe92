"""Cinder driver of the lab: pretends, as Cinder's own fake driver does, and also what that one cannot: extend volumes and make
them from images."""
from cinder.tests import fake_driver


class LabVolumeDriver(fake_driver.FakeLoggingVolumeDriver):
    def extend_volume(self, volume, new_size):
        pass

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        return {}, True
