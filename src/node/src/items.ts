/** What .NET types are on the wire, and the conversions whose naive form is wrong. Ticks are 100 ns. */

const TicksOfMillisecond = 10_000;
const TicksOfDay = 864_000_000_000;
const MillisOfDay = 86_400_000;
const DayOf1970 = 719_162;
const DecimalPlacesMax = 28;

/** `TimeSpan`, from milliseconds. What is finer than a tick is cut off. */
export function toTicks(millis: number): number | bigint {
  if (!Number.isFinite(millis)) throw new RangeError(`${millis} ms are no TimeSpan.`);
  const whole = Math.trunc(millis);
  const ticks = BigInt(whole) * BigInt(TicksOfMillisecond) + BigInt(Math.trunc((millis - whole) * TicksOfMillisecond));
  return Number.isSafeInteger(Number(ticks)) ? Number(ticks) : ticks;
}

/** Milliseconds of a `TimeSpan`, with its fraction as far as a number has room for it. */
export function fromTicks(ticks: number | bigint): number {
  const all = BigInt(ticks);
  return Number(all / 10_000n) + Number(all % 10_000n) / TicksOfMillisecond;
}

/** `DateOnly`, from "2026-11-28": days since 0001-01-01. */
export function toDayNumber(date: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  const millis = match ? Date.parse(`${date}T00:00:00Z`) : NaN;
  const days = Math.round(millis / MillisOfDay) + DayOf1970;
  if (!match || Number.isNaN(millis) || fromDayNumber(days) !== date) throw new RangeError(`'${date}' is no date like 2026-11-28.`);
  return days;
}

/** "2026-11-28", from a `DateOnly`. */
export function fromDayNumber(days: number): string {
  if (!Number.isInteger(days) || days < 0 || days > 3_652_058) throw new RangeError(`${days} is no number of a day.`);
  return new Date((days - DayOf1970) * MillisOfDay).toISOString().slice(0, 10);
}

/** `TimeOnly`, from "23:59:59.9999999". */
export function toTimeTicks(time: string): number {
  const match = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?$/.exec(time);
  const [hours, minutes, seconds] = [1, 2, 3].map((group) => Number(match?.[group] ?? 0));
  if (!match || hours > 23 || minutes > 59 || seconds > 59) throw new RangeError(`'${time}' is no time of day like 23:59:59.9999999.`);
  return ((hours * 60 + minutes) * 60 + seconds) * 10_000_000 + Number((match[4] ?? "").padEnd(7, "0"));
}

/** "23:59:59.9999999", from a `TimeOnly`; the fraction only where there is one. */
export function fromTimeTicks(ticks: number): string {
  if (!Number.isInteger(ticks) || ticks < 0 || ticks >= TicksOfDay) throw new RangeError(`${ticks} ticks are no time of day.`);
  const time = new Date(Math.floor(ticks / TicksOfMillisecond)).toISOString().slice(11, 19);
  const finer = ticks % 10_000_000;
  return finer === 0 ? time : `${time}.${String(finer).padStart(7, "0").replace(/0+$/, "")}`;
}

/** `DateTimeOffset`: [the digits of the clock on the wall as if they were UTC, minutes]. The first element is not the instant. */
export function toDateTimeOffset(instant: Date, offsetMinutes = -instant.getTimezoneOffset()): [Date, number] {
  return [new Date(instant.getTime() + offsetMinutes * 60_000), offsetMinutes];
}

/** The instant of a `DateTimeOffset`, and its offset. */
export function fromDateTimeOffset(value: unknown): { instant: Date; offsetMinutes: number } {
  const [digits, offsetMinutes] = value as [Date, number];
  return { instant: new Date(digits.getTime() - offsetMinutes * 60_000), offsetMinutes };
}

/** `decimal`, as text with its scale. What does not fit (96 bits, 28 places) is refused, where .NET would round it. */
export function toDecimal(value: string | number | bigint): string {
  const text = String(value);
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new RangeError(`'${text}' is no decimal number without an exponent.`);
  const places = match[2] ?? "";
  if (places.length > DecimalPlacesMax || BigInt(match[1] + places) >= 1n << 96n) {
    throw new RangeError(`${text} does not fit into .NET's decimal (96 bits, at most ${DecimalPlacesMax} places).`);
  }
  return text;
}

/** `BigInteger`: two's complement, little endian. */
export function toBigInteger(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(BigInt.asUintN(8, rest)));
    rest >>= 8n;
  } while (!((rest === 0n && bytes[bytes.length - 1] < 0x80) || (rest === -1n && bytes[bytes.length - 1] >= 0x80)));
  return Uint8Array.from(bytes);
}

export function fromBigInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return BigInt.asIntN(bytes.length * 8, value);
}
