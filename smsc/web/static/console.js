// The list of messages, newest first, kept up to date by the stream of events.
const list = document.getElementById("messages");
const state = document.getElementById("state");
let drawing = false;

async function draw() {
  if (drawing) return;
  drawing = true;
  const answer = await fetch("api/v1/messages?limit=1000");
  const { messages } = await answer.json();
  list.replaceChildren(...messages.reverse().map((message) => {
    const row = document.createElement("li");
    const who = document.createElement("span");
    who.textContent = `${message.source} → ${message.destination}, ${message.state} ${message.reason ?? ""}`;
    const text = document.createElement("span");
    text.textContent = message.text;
    row.append(who, text);
    return row;
  }));
  state.textContent = messages.length ? `${messages.length} messages` : "No message has been sent yet.";
  drawing = false;
}

new EventSource("api/v1/events").onmessage = draw;
draw();
