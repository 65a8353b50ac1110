// What a letter repeats of a customer's name, and which spellings of an address are one mailbox.
import { greetingName, isOneAddress, mailboxOf } from "../../services/mail/addressee.rules";

describe("a letter greets by name", () => {
  test.each([
    ["Kim"],
    ["김민수"],
    ["Kim Min-su"],
    ["Zoë O'Neill-García"],
    ["J. R. R. Tolkien"],
    ["Dr. Nguyễn Văn An"],
    ["Martin Luther King Jr."],
    ["أحمد"],
    ["王小明"],
    ["D’Angelo"],
    ["नरेन्द्र"],
  ])("%s", name => expect(greetingName(name)).toBe(name.normalize("NFKC")));

  test("with the spaces of a name", () => expect(greetingName("  Kim \u00a0 Min-su ")).toBe("Kim Min-su"));
});

describe("a letter greets nobody by name when the name", () => {
  test.each([
    ["has a link", "https://evil.example/x"],
    ["has a link among words", "Kim click https://evil.example"],
    ["has www", "www.evil"],
    ["says www in a word of its own", "www evil com"],
    ["looks like a domain", "Visit evil.com"],
    ["looks like a domain with a capital", "Evil.Example"],
    ["ends with a long word and a dot", "Congratulations."],
    ["looks like a domain with a full-width dot", "evil．com"],
    ["looks like a domain with an ideographic dot", "evil。com"],
    ["looks like a domain with a half-width ideographic dot", "evil｡com"],
    ["looks like a domain with a one-dot leader", "evil․com"],
    ["looks like a domain with a middle dot", "evil·com"],
    ["looks like a domain in Korean", "한국.한국"],
    ["is an address", "eve@example.org"],
    ["is an address with a full-width at", "eve＠example"],
    ["is markup", "<b>Kim</b>"],
    ["is markup without brackets", "&lt;b&gt;"],
    ["is a markdown link", "[Kim](evil)"],
    ["has a telephone number", "Call 0800 123"],
    ["has slashes", "evil/path"],
    ["has a colon", "javascript:alert"],
    ["has an exclamation", "You won!"],
    ["has line breaks", "Kim\r\nBcc: eve"],
    ["turns the reading around", "moc\u202elive"],
    ["has invisible characters", "e\u200bvil"],
    ["has an emoji", "Kim 🎁"],
    ["is a sentence", "Your account will be closed today"],
    ["is long", "Kim".repeat(11)],
    ["is long in Korean", "당첨되셨습니다".repeat(5)],
    ["is a letter that unfolds to many", "\ufdfa"],
    ["is blank", " \u3164 "],
    ["is empty", ""],
  ])("%s", (_title, name) => expect(greetingName(name)).toBeUndefined());
});

test.each([
  ["Kim@Example.org", "kim@example.org"],
  ["kim+shop@example.org", "kim@example.org"],
  ["k.i.m+x@gmail.com", "kim@gmail.com"],
  ["kim@googlemail.com", "kim@gmail.com"],
  ["k.im@example.org", "k.im@example.org"],
])("%s is the mailbox %s", (email, mailbox) => expect(mailboxOf(email)).toBe(mailbox));

test.each([
  ["kim@example.org", true],
  ["kim.o'neill+x=y@mail.example.org", true],
  ["kim@example.org, eve@example.org", false],
  ["kim@example.org\r\nRCPT TO:<eve@example.org>", false],
  ["<kim@example.org>", false],
  ["kim@", false],
  ["kim@a@b", false],
  ['"kim eve"@example.org', false],
])("%j is one address: %p", (email, is) => expect(isOneAddress(email)).toBe(is));
