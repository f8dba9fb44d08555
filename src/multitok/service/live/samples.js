// Something to begin with, made on the spot: nothing is fetched.

export const TEXT = `The quick brown fox jumps over the lazy dog.
Der schnelle braune Fuchs springt über den faulen Hund.
敏捷的棕色狐狸跳过了懒狗。
Быстрая коричневая лиса перепрыгивает через ленивую собаку.
🦊 → 🐕  def jump(fox, over): return fox.leap(over) * 2
`;

const blob = (canvas, quality) => (
  new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); })
);

function drawn(width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const c = canvas.getContext("2d");
  const down = (top, bottom, from = 0, to = height) => {
    const made = c.createLinearGradient(0, from, 0, to);
    made.addColorStop(0, top);
    made.addColorStop(1, bottom);
    return made;
  };
  c.fillStyle = down("#27406f", "#f8c9a0", 0, height * 0.7);
  c.fillRect(0, 0, width, height);
  sun(c, width, height);
  const hills = [["#8b7fa6", "#a98aa0"], ["#5f6a94", "#7a6c90"], ["#38507a", "#4b4f78"],
    ["#1f3557", "#26304f"]];
  hills.forEach(([top, bottom], i) => hill(c, width, height, i, down(top, bottom, height * 0.45)));
  c.fillStyle = "rgb(255 255 255 / 0.9)";
  c.font = `600 ${height * 0.055}px system-ui, sans-serif`;
  c.fillText("Tuesday, 6:42", width * 0.05, height * 0.12);
  c.font = `${height * 0.03}px system-ui, sans-serif`;
  c.fillText("What does a model see of this?", width * 0.05, height * 0.17);
  return canvas;
}

function sun(c, width, height) {
  const [x, y] = [width * 0.68, height * 0.5];
  const glow = c.createRadialGradient(x, y, 0, x, y, height * 0.5);
  glow.addColorStop(0, "rgb(255 240 205 / 0.95)");
  glow.addColorStop(0.16, "rgb(255 226 170 / 0.9)");
  glow.addColorStop(0.2, "rgb(255 214 150 / 0.35)");
  glow.addColorStop(1, "rgb(255 200 140 / 0)");
  c.fillStyle = glow;
  c.fillRect(0, 0, width, height);
}

function hill(c, width, height, i, fill) {
  c.beginPath();
  c.moveTo(0, height);
  for (let x = 0; x <= width; x += 4) {
    const t = x / width;
    const wave = Math.sin(t * (5 + 3 * i) + 1.7 * i) + 0.45 * Math.sin(t * (13 + 7 * i) + i);
    c.lineTo(x, height * (0.56 + 0.115 * i) - wave * height * 0.045);
  }
  c.lineTo(width, height);
  c.fillStyle = fill;
  c.fill();
}

export const picture = async () => ({
  file: await blob(drawn(1920, 1200), 0.9), name: "evening.jpg",
});

export async function request() {
  const small = await blob(drawn(1280, 800), 0.6);
  const url = await new Promise((done) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result));
    reader.readAsDataURL(small);
  });
  const parameters = {
    type: "object", properties: { city: { type: "string" } }, required: ["city"],
  };
  const whole = {
    model: "gpt-5.4",
    messages: [
      { role: "system", content: "You plan walks. Answer in two sentences." },
      { role: "user", content: [
        { type: "text", text: "Is this a good evening for a walk? Ask for the weather first." },
        { type: "image_url", image_url: { url } },
      ] },
    ],
    tools: [{ type: "function", function: {
      name: "weather", description: "The weather of a city, now.", parameters,
    } }],
  };
  const text = JSON.stringify(whole, null, 1);
  return { file: new Blob([text], { type: "application/json" }), name: "request.json" };
}
