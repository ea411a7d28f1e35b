"""Does what it is told on its standard input, with the Python client: see README.md."""

import asyncio
import concurrent.futures
import json
import sys
import threading

import queueipc

OUTCOMES = [
    (queueipc.Empty, "empty"),
    (queueipc.Full, "full"),
    (queueipc.ShutDown, "completed"),
    (queueipc.BrokerUnavailable, "unavailable"),
    (queueipc.ItemTooLarge, "too large"),
    (queueipc.ItemUnwritable, "unwritable"),
    (queueipc.ItemUnreadable, "unreadable"),
    (queueipc.LeaseLost, "lease lost"),
    (queueipc.RequestRefused, "refused"),
    (TimeoutError, "timed out"),
    (concurrent.futures.CancelledError, "cancelled"),
]


class Driver:
    def __init__(self):
        self.lock = threading.Lock()
        self.queues, self.leases, self.calls = {}, {}, {}
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.connect({})

    def run(self, command):
        answer = {"id": command["id"], "is": "ok"}
        try:
            answer["value"] = self.told(getattr(self, command["do"])(command))
        except BaseException as error:
            answer["is"] = self.outcome(error)
            answer["text"] = f"{type(error).__name__}: {error}"
        with self.lock:
            print(json.dumps(answer), flush=True)

    @staticmethod
    def outcome(error):
        for kind, word in OUTCOMES:
            if isinstance(error, kind):
                return word
        if isinstance(error, ValueError):
            return "closed" if "is closed" in str(error) else "bad value" if "timeout" in str(error) else "refused"
        return "another error"

    def item(self, value):
        if isinstance(value, list):
            return [self.item(each) for each in value]
        if isinstance(value, dict):
            if "$bytes" in value:
                return b"a" * value["$bytes"]
            if "$text" in value:
                return "a" * value["$text"]
            if "$unwritable" in value:
                return {"member": object()}
            if "$queue" in value:
                return self.client.queue(value["$queue"])
        return value

    def told(self, value):
        if isinstance(value, bytes):
            assert value.strip(b"a") == b""
            return {"$bytes": len(value)}
        return [self.told(each) for each in value] if isinstance(value, list) else value

    def queue(self, command):
        name = self.item(command["queue"])
        with self.lock:
            if name not in self.queues:
                self.queues[name] = self.client.queue(name)
            return self.queues[name]

    def wait(self, command):
        timeout = command.get("timeout")
        return {"timeout": None if timeout is None else timeout / 1000}

    def asynchronous(self, command, coroutine):
        """A call that can be cancelled."""

        async def call():
            self.calls[command["as"]].set_result(asyncio.current_task())
            return await coroutine

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result()

    def connect(self, command):
        self.queues.clear()
        self.client = queueipc.connect(timeout=10, reconnect_timeout=command.get("reconnect", 0) / 1000)

    def open(self, command):
        told, names = command.get("settings", {}), {"capacity": "maxsize", "maxBytes": "max_bytes", "leaseTime": "lease_time", "maxFailures": "max_failures"}
        settings = {names[key]: value / 1000 if key == "leaseTime" else value for key, value in told.items()}
        types = {"type": int} if command.get("type") == "int" else {}
        name = self.item(command["queue"])
        queue = self.client.queue(name, **types, **settings)
        self.queues[queue.name] = queue
        return queue.name

    def put(self, command):
        queue, item = self.queue(command), self.item(command["item"])
        if "as" in command:
            return self.asynchronous(command, queue.aput(item, **self.wait(command)))
        return queue.put(item, **self.wait(command))

    def putMany(self, command):
        items = map(self.item, command["items"]) if "items" in command else range(command["from"], command["from"] + command["count"])
        return self.queue(command).put_many(items, **self.wait(command))

    def get(self, command):
        if "as" in command:
            return self.asynchronous(command, self.queue(command).aget(**self.wait(command)))
        return self.queue(command).get(**self.wait(command))

    def cancel(self, command):
        self.loop.call_soon_threadsafe(self.calls[command["of"]].result().cancel)

    def peek(self, command):
        return self.queue(command).peek()

    def getMany(self, command):
        return self.queue(command).get_many(command["max"], **self.wait(command))

    def read(self, command):
        items = []
        for item in self.queue(command):
            items.append(item)
            if len(items) == command.get("hold"):
                threading.Event().wait()
            if len(items) == command.get("count"):
                break
        return items

    def lease(self, command):
        lease = self.leases[command["lease"]] = self.queue(command).lease(**self.wait(command))
        return [lease.item, lease.failures]

    def ack(self, command):
        self.leases[command["lease"]].ack()

    def nack(self, command):
        self.leases[command["lease"]].nack(command.get("delay", 0) / 1000, command.get("reason", ""))

    def release(self, command):
        self.leases[command["lease"]].release()

    def deadLetter(self, command):
        self.leases[command["lease"]].dead_letter(self.item(command["reason"]))

    def complete(self, command):
        self.queue(command).shutdown(command.get("discard", False))

    def join(self, command):
        self.queue(command).join(**self.wait(command))

    def clear(self, command):
        return self.queue(command).clear()

    def redrive(self, command):
        return self.queue(command).redrive()

    def deleteDead(self, command):
        return self.queue(command).delete_dead()

    def dead(self, command):
        return [[dead.item, dead.failures, dead.reason] for dead in self.queue(command).dead_items()]

    def close(self, command):
        self.queue(command).close()

    def delete(self, command):
        self.client.delete_queue(command["queue"])

    def list(self, command):
        return [info.name for info in self.client.queues()]

    def info(self, command):
        info = self.queue(command).info()
        names = {"ready": "ready", "leased": "leased", "delayed": "delayed", "dead": "dead", "waitingGets": "waiting_gets", "waitingPuts": "waiting_puts", "totalTaken": "total_taken"}
        return {told: getattr(info, name) for told, name in names.items()}

    def reply(self, command):
        request = self.client.queue(command["queue"], tuple[int, queueipc.Queue])
        number, replies = request.get()
        replies.put(number + 1)


driver = Driver()
for line in sys.stdin:
    command = json.loads(line)
    if "as" in command:
        driver.calls[command["as"]] = concurrent.futures.Future()  # it may not have begun when it is to be cancelled
    threading.Thread(target=driver.run, args=(command,), daemon=True).start()
