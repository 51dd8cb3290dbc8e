"""The official client of Hugging Face against a server that pretends to be it: python huggingface.py URL TOKEN KEY

HF_ENDPOINT must name the same server. Makes films through the router and directly, from text and from a picture,
and meets a failure. Ends with a status of 0 and the line `ok` only if everything came as that client expects it.
"""

import sys

from huggingface_hub import InferenceClient, constants
from huggingface_hub.inference._providers import PROVIDERS

TEXT = "tencent/HunyuanVideo"
PICTURE = "Wan-AI/Wan2.2-I2V-A14B"


def check(what, condition):
    if not condition:
        sys.exit(f"failed: {what}")


def is_film(data):
    return data[4:8] == b"ftyp"


def main(base_url, token, key):
    # The router's address is a constant, and a provider's own one an attribute: neither has a setting.
    constants.INFERENCE_PROXY_TEMPLATE = base_url + "/{provider}"
    for task in ("text-to-video", "image-to-video"):
        PROVIDERS["fal-ai"][task].base_url = base_url

    routed = InferenceClient(provider="fal-ai", api_key=token)
    film = routed.text_to_video(
        "a red kite over dunes",
        model=TEXT,
        negative_prompt=["blur", "dark"],
        num_frames=33,
        num_inference_steps=30,
        guidance_scale=6.0,
        seed=7,
    )
    check("text becomes a film through the router", is_film(film))

    picture = b"\x89PNG\r\n\x1a\n and whatever follows"
    film = routed.image_to_video(picture, model=PICTURE, prompt="it flies")
    check("a picture becomes a film through the router", is_film(film))

    direct = InferenceClient(provider="fal-ai", api_key=key)
    check("text becomes a film directly", is_film(direct.text_to_video("a kite", model=TEXT)))

    nobody = InferenceClient(provider="fal-ai", api_key="hf_not_the_token")
    try:
        nobody.text_to_video("a kite", model=TEXT)
        check("a wrong token is refused", False)
    except Exception as error:
        check(f"a wrong token is a 401: {error}", "401" in str(error))

    try:
        routed.text_to_video("a kite", model="nobody/nothing")
        check("an unknown model is refused", False)
    except Exception as error:
        check(f"an unknown model is told: {error}", "nobody/nothing" in str(error))


if __name__ == "__main__":
    main(*sys.argv[1:4])
    print("ok")
