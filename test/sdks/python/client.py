"""Asks as it is told, line by line, with the SDKs as they are, and prints what came of it as JSON.

A line in: {"do": "chat", "gate": "http://…", "key": "…", "model": "…", "prompt": "…"}. A line out: {"answer": …} or {"error": {…}}, with the
waits between tries, which are not waited.
"""

import json
import sys
import time

import anthropic
import openai

waits = []
time.sleep = waits.append

TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def prompt_in(asked):
    return asked.get("prompt", "Hello.")


def said(asked):
    return [{"role": "user", "content": prompt_in(asked)}]


def openai_client(asked):
    return openai.OpenAI(api_key=asked["key"], base_url=asked["gate"] + "/openai/v1")


def anthropic_client(asked):
    return anthropic.Anthropic(api_key=asked["key"], base_url=asked["gate"] + "/anthropic")


def chat(asked):
    answer = openai_client(asked).chat.completions.create(model=asked["model"], messages=said(asked))
    return answer.choices[0].message.content


def responses(asked):
    return openai_client(asked).responses.create(model=asked["model"], input=prompt_in(asked)).output_text


def messages(asked):
    answer = anthropic_client(asked).messages.create(model=asked["model"], max_tokens=50, messages=said(asked))
    return answer.content[0].text


def chat_stream(asked):
    stream = openai_client(asked).chat.completions.create(model=asked["model"], messages=said(asked), stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream)


def responses_stream(asked):
    stream = openai_client(asked).responses.create(model=asked["model"], input=prompt_in(asked), stream=True)
    return "".join(event.delta for event in stream if event.type == "response.output_text.delta")


def messages_stream(asked):
    with anthropic_client(asked).messages.stream(model=asked["model"], max_tokens=50, messages=said(asked)) as stream:
        return "".join(stream.text_stream)


def chat_tool(asked):
    tool = {"type": "function", "function": {"name": "weather", "parameters": TOOL}}
    answer = openai_client(asked).chat.completions.create(model=asked["model"], messages=said(asked), tools=[tool])
    return answer.choices[0].message.tool_calls[0].function.name


def messages_tool(asked):
    tool = {"name": "weather", "input_schema": TOOL}
    answer = anthropic_client(asked).messages.create(
        model=asked["model"], max_tokens=50, messages=said(asked), tools=[tool]
    )
    return [block.name for block in answer.content if block.type == "tool_use"][0]


def embeddings(asked):
    answer = openai_client(asked).embeddings.create(model=asked["model"], input=["one", "two"])
    return len(answer.data)


def shown(error):
    message = getattr(error, "message", str(error))
    return {"name": type(error).__name__, "status": getattr(error, "status_code", None), "message": message}


WAYS = {name.replace("_", " "): way for name, way in list(globals().items()) if callable(way)}

for line in sys.stdin:
    waits.clear()
    asked = json.loads(line)
    try:
        came = {"answer": WAYS[asked["do"]](asked)}
    except Exception as error:  # whatever it is, it is what a program sees
        came = {"error": shown(error)}
    print(json.dumps({**came, "waits": waits}), flush=True)
