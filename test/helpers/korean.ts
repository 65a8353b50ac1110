// Texts of three bytes a character: what is short to read and long to send.

const KOREAN = "장터에서파는아주좋은물건입니다";
export const korean = (length: number) =>
  KOREAN.repeat(Math.ceil(length / KOREAN.length))
    .slice(0, length)
    .trim()
    .padEnd(length, "다");
