"""The server of the smpp34 package's own documentation: pulls events, accepts every submit_sm."""

import asyncio
import sys

import smpp34


async def main() -> None:
    server = smpp34.Server(host="127.0.0.1", port=int(sys.argv[1]), system_id="smpp34")
    await server.start()
    print(f"ready smpp=127.0.0.1:{sys.argv[1]}", flush=True)
    sessions = {}
    number = 0
    while True:
        event = await server.next()
        if isinstance(event, smpp34.SubmitSmEvent):
            number += 1
            event.accept(message_id=str(number))
        elif isinstance(event, smpp34.Esme):
            sessions[event.session_id] = event


asyncio.run(main())
