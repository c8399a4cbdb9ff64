package alert

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tidemark"
	"tidemark/notify"
	"tidemark/rule"
	"tidemark/table"
)

// Target is a target of notify by the name that rules use.
type Target struct {
	Name string
	notify.Target
	notify.Delivery
}

// outbox is the queues of what is to be sent, one for each target, in the
// marks of the database: entries outbox/TARGET/N with head <= N < tail. Entries
// and tail are written together with the state of the rules that made them;
// when a target has taken an entry, it is deleted and the head moved on.
type outbox struct {
	db     *tidemark.DB
	now    func() time.Time
	log    func(format string, args ...any)
	queues []*queue
	done   sync.WaitGroup
}

// queue is what waits for one target.
type queue struct {
	target     *Target
	mu         sync.Mutex
	head, tail uint64
	poke       chan struct{} // has one element when there is something to do
	repeating  atomic.Bool   // open alerts are being repeated
}

// entry is a message that waits.
type entry struct {
	Event  *rule.Event `json:"event"`
	Queued time.Time   `json:"queued"`
}

// Marks of the outbox.
func entryMark(target string, n uint64) string {
	return "outbox/" + target + "/" + strconv.FormatUint(n, 10)
}
func headMark(target string) string { return "outbox/" + target + "/head" }
func tailMark(target string) string { return "outbox/" + target + "/tail" }

const targetsMark = "outbox/targets"

func readNumber(db *tidemark.DB, mark string) (uint64, error) {
	b, err := db.Mark(mark)
	if err != nil || b == nil {
		return 0, err
	}
	if len(b) != 8 {
		return 0, fmt.Errorf("%w: mark %s has %d bytes", tidemark.ErrCorrupt, mark, len(b))
	}
	return binary.BigEndian.Uint64(b), nil
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// newOutbox finds what waits from earlier runs.
func newOutbox(db *tidemark.DB, targets []*Target, log func(format string, args ...any)) (*outbox, error) {
	b := &outbox{db: db, now: db.Now, log: log}
	var names []string
	for _, t := range targets {
		q := &queue{target: t, poke: make(chan struct{}, 1)}
		var err error
		if q.head, err = readNumber(db, headMark(t.Name)); err == nil {
			q.tail, err = readNumber(db, tailMark(t.Name))
		}
		if err != nil {
			return nil, err
		}
		b.queues = append(b.queues, q)
		names = append(names, t.Name)
	}
	return b, b.orphans(names)
}

// orphans tells of messages for targets that are no longer configured. They
// are kept: the target may come back.
func (b *outbox) orphans(names []string) error {
	known, err := b.db.Mark(targetsMark)
	if err != nil {
		return err
	}
	var before []string
	if known != nil {
		if err := json.Unmarshal(known, &before); err != nil {
			return fmt.Errorf("%w: mark %s: %v", tidemark.ErrCorrupt, targetsMark, err)
		}
	}
	all := slices.Clone(names)
	for _, name := range before {
		if slices.Contains(names, name) {
			continue
		}
		all = append(all, name)
		head, err := readNumber(b.db, headMark(name))
		if err != nil {
			return err
		}
		tail, err := readNumber(b.db, tailMark(name))
		if err != nil {
			return err
		}
		if tail > head {
			b.log("%d messages wait for the target %q, which is not configured any more", tail-head, name)
		}
	}
	slices.Sort(all)
	text, err := json.Marshal(all)
	if err != nil || string(text) == string(known) {
		return err
	}
	return b.db.Append(context.Background(), &table.Batch{Marks: map[string][]byte{targetsMark: text}})
}

// maxMessage is how many bytes of rows a message carries at most.
const maxMessage = 40 << 10

// put adds an event to the queues of its targets within a batch. Batches are
// made one at a time; moved is called when one has been committed.
func (b *outbox) put(marks map[string][]byte, tails map[*queue]uint64, e *rule.Event, actions []string, bytes int) error {
	text := []byte(nil)
	for _, q := range b.queues {
		if e.Muted || !slices.Contains(actions, q.target.Name) || !q.target.Takes(e) {
			continue
		}
		if text == nil {
			var err error
			if text, err = json.Marshal(entry{Event: e.Trimmed(bytes), Queued: b.now()}); err != nil {
				return fmt.Errorf("queue an alert: %w", err)
			}
		}
		tail, ok := tails[q]
		if !ok {
			q.mu.Lock()
			tail = q.tail
			q.mu.Unlock()
		}
		marks[entryMark(q.target.Name, tail)] = text
		tails[q] = tail + 1
		marks[tailMark(q.target.Name)] = number(tail + 1)
	}
	return nil
}

// moved shows committed entries to the senders.
func (b *outbox) moved(tails map[*queue]uint64) {
	for q, tail := range tails {
		q.mu.Lock()
		q.tail = tail
		q.mu.Unlock()
		select {
		case q.poke <- struct{}{}:
		default:
		}
	}
}

// start begins to send. Each target has its own goroutine, so that a dead one
// holds up no other. They end when ctx does.
func (b *outbox) start(ctx context.Context) {
	for _, q := range b.queues {
		b.done.Add(1)
		go func() {
			defer b.done.Done()
			b.serve(ctx, q)
		}()
	}
}

// wait waits until the senders have ended.
func (b *outbox) wait() { b.done.Wait() }

// waiting is how many messages have not been sent.
func (b *outbox) waiting() uint64 {
	var n uint64
	for _, q := range b.queues {
		q.mu.Lock()
		n += q.tail - q.head
		q.mu.Unlock()
	}
	return n
}

// How long to wait between tries: from the first, doubled, up to the last.
const (
	firstWait = time.Second
	lastWait  = 5 * time.Minute
	sendBatch = 50 // messages handed to a target at once
)

func (b *outbox) serve(ctx context.Context, q *queue) {
	wait := firstWait
	for ctx.Err() == nil {
		q.mu.Lock()
		empty := q.head == q.tail
		q.mu.Unlock()
		if empty {
			select {
			case <-q.poke:
			case <-ctx.Done():
			}
			continue
		}
		sent, err := b.send(ctx, q)
		if sent > 0 { // it is alive: what it was given in one go counts one by one
			wait = firstWait
		}
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return
		}
		pause := wait/2 + rand.N(wait)
		var later *notify.RetryAfter
		if errors.As(err, &later) {
			pause = later.Wait
		}
		b.log("target %s: %v; next try in %s", q.target.Name, err, pause.Round(time.Second/10))
		wait = min(2*wait, lastWait)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// send hands the first messages of a queue to its target, notes what it has
// taken and returns how many these are.
func (b *outbox) send(ctx context.Context, q *queue) (int, error) {
	q.mu.Lock()
	head, tail := q.head, min(q.tail, q.head+sendBatch)
	q.mu.Unlock()
	var entries []entry
	var events []*rule.Event
	for n := head; n < tail; n++ {
		text, err := b.db.Mark(entryMark(q.target.Name, n))
		if err != nil {
			return 0, err
		}
		var e entry
		if err := json.Unmarshal(text, &e); err != nil || e.Event == nil {
			return 0, fmt.Errorf("%w: mark %s: %v", tidemark.ErrCorrupt, entryMark(q.target.Name, n), err)
		}
		entries, events = append(entries, e), append(events, e.Event)
	}
	sent, err := q.target.Send(ctx, events)
	var health []fields
	if err != nil && sent < len(events) && (notify.IsPermanent(err) || b.now().Sub(entries[sent].Queued) > q.target.Retry) {
		e := events[sent]
		row := healthRow(b.now(), nil, statusUndeliverable, err.Error())
		row["RuleId"], row["RuleName"], row["Target"], row["AlertId"] = e.RuleID, e.RuleName, q.target.Name, e.AlertID
		health = append(health, row)
		b.log("target %s: the message %s cannot be delivered: %v", q.target.Name, e.Key(), err)
		sent++
		err = nil
	}
	if sent > 0 {
		if e := b.taken(q, head, uint64(sent), health); e != nil {
			return 0, e
		}
	}
	return sent, err
}

// taken deletes messages that need not be sent again. Until that is committed
// they would be: receivers know them by their keys.
func (b *outbox) taken(q *queue, head, n uint64, health []fields) error {
	marks := map[string][]byte{headMark(q.target.Name): number(head + n)}
	for i := range n {
		marks[entryMark(q.target.Name, head+i)] = nil
	}
	batch := &table.Batch{Marks: marks}
	if health != nil {
		batch.Parts = append(batch.Parts, part(table.RuleHealth, health))
	}
	// Not ctx: what has been sent is noted even when we are told to stop.
	if err := b.db.Append(context.Background(), batch); err != nil {
		return err
	}
	q.mu.Lock()
	q.head = head + n
	q.mu.Unlock()
	return nil
}

// refresh begins to repeat open alerts to the targets that forget. It does not
// wait for them: one that is dead holds up neither the others nor the rules.
func (b *outbox) refresh(ctx context.Context, firing []*rule.Event, actions func(*rule.Event) []string) {
	for _, q := range b.queues {
		r, ok := q.target.Target.(notify.Refresher)
		if !ok {
			continue
		}
		var mine []*rule.Event
		for _, e := range firing {
			if slices.Contains(actions(e), q.target.Name) && q.target.Takes(e) {
				mine = append(mine, e)
			}
		}
		if !q.repeating.CompareAndSwap(false, true) {
			continue // it still hangs in the last time
		}
		b.done.Add(1)
		go func() {
			defer b.done.Done()
			defer q.repeating.Store(false)
			if err := r.Refresh(ctx, mine); err != nil && ctx.Err() == nil {
				b.log("target %s: %v", q.target.Name, err)
			}
		}()
	}
}
