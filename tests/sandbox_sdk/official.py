"""The official Python clients against a sandbox: python official.py BASE_URL FILE_TO_UPLOAD

Uploads, runs and fetches with `wavespeed`, then makes a film with `huggingface_hub`'s provider for the same
service. Ends with a status of 0 and the line `ok` only if everything came as those clients expect it.
"""

import sys
import urllib.request

import wavespeed
from huggingface_hub import InferenceClient
from huggingface_hub.hf_api import InferenceProviderMapping
from huggingface_hub.inference import _providers
from huggingface_hub.inference._providers import _common

MODEL = "wavespeed-ai/hunyuan-video-1.5/text-to-video"


def check(what, condition):
    if not condition:
        sys.exit(f"failed: {what}")


def is_film(data):
    return data[4:8] == b"ftyp" and b"moov" in data


def with_wavespeed(base_url, file):
    client = wavespeed.Client(api_key="any-key", base_url=base_url)
    address = client.upload(file)
    with urllib.request.urlopen(address) as uploaded, open(file, "rb") as original:
        check("what was uploaded is what was sent", uploaded.read() == original.read())

    inputs = {"prompt": "a red kite over dunes", "size": "832*480", "duration": 5, "seed": 7}
    output = client.run(MODEL, inputs, poll_interval=0.1, timeout=60)
    with urllib.request.urlopen(output["outputs"][0]) as film:
        check("run ends in a film", is_film(film.read()))

    told = client.run_no_throw(MODEL, {"prompt": "", "duration": 7})
    text = str(told)
    check(f"a wrong parameter is told: {text}", "duration" in text and not told.get("outputs"))

    strict = client.run_no_throw("nobody/nothing/at-all", {"prompt": "x"})
    check(f"an unknown model is told: {strict}", "nobody/nothing/at-all" in str(strict))


def with_huggingface(base_url):
    # The provider has no setting for its address, and the hub would be asked which model is meant.
    _providers.PROVIDERS["wavespeed"]["text-to-video"].base_url = base_url
    _common.HARDCODED_MODEL_INFERENCE_MAPPING["wavespeed"]["tencent/HunyuanVideo-1.5"] = (
        InferenceProviderMapping(
            provider="wavespeed",
            hf_model_id="tencent/HunyuanVideo-1.5",
            providerId=MODEL,
            task="text-to-video",
            status="live",
        )
    )
    client = InferenceClient(provider="wavespeed", api_key="any-key")
    film = client.text_to_video("a red kite over dunes", model="tencent/HunyuanVideo-1.5", seed=7)
    check("text_to_video ends in a film", is_film(film))


if __name__ == "__main__":
    with_wavespeed(sys.argv[1], sys.argv[2])
    with_huggingface(sys.argv[1])
    print("ok")
