package ingest

import (
	"bytes"
	"time"
)

// runs is the splitter of logs in which several lines belong together, with
// lines of something else perhaps between them: the records of an audit event,
// what osquery took away and added at a time. A record is the shortest run of
// lines in which all groups that begin in it end too. Nothing is remembered of
// text that has been passed over, so a load can begin again behind any record.
type runs struct {
	// classify tells which group a line belongs to.
	classify func(line []byte) mark
	// window is how much later than the group's last line, in milliseconds, a
	// line of the same stream must be for the group to be over; 0 is never.
	window int64
	// exclusive says that a line of another group ends those before it of its
	// stream.
	exclusive bool
	// wait is how long to wait for more of a group when nothing comes.
	wait time.Duration

	groups  []group // that are not passed over, in the order of their first lines
	scanned int     // how much of the unread text has been classified
}

// mark is what is known of a line.
type mark struct {
	key    uint64 // the same for all lines of a group, 0 for a line that stands alone
	stream uint64 // where it comes from: an agent, a computer
	at     int64  // milliseconds
	last   bool   // the group ends here
}

type group struct {
	mark
	start, end int
	over       bool
}

const (
	// maxRun is how far behind the last line of a group the log may go on
	// before the group counts as over.
	maxRun = 1 << 20
	// maxGroups is how many groups a run may have before all end: who writes
	// a log may not make us look for the end of one for ever.
	maxGroups = 1024
)

func (r *runs) header() any { return nil }

func (r *runs) patience() time.Duration { return r.wait }

// hurry ends all groups: nothing has come for as long as patience says.
func (r *runs) hurry() { r.endAll() }

func (r *runs) endAll() {
	for i := range r.groups {
		r.groups[i].over = true
	}
}

func (r *runs) split(text []byte, eof bool) (int, []byte, error) {
	for {
		if end := r.ended(); end > 0 {
			r.pass(end)
			return end, trim(text[:end]), nil
		}
		if len(r.groups) > maxGroups || r.scanned > MaxRecord/2 {
			r.endAll()
			continue
		}
		line := text[r.scanned:]
		n := bytes.IndexByte(line, '\n') + 1
		switch {
		case n == 0 && eof && len(line) > 0:
			n = len(line)
		case n == 0 && eof:
			r.endAll()
			continue
		case n == 0 && len(line) > maxRun && len(r.groups) > 0:
			r.endAll() // a line without end must not take others with it
			continue
		case n == 0:
			return 0, nil, nil
		}
		r.line(line[:n])
	}
}

// ended returns the end of the run at the beginning of the text, 0 if it has
// not ended.
func (r *runs) ended() int {
	end := 0
	for i := range r.groups {
		g := &r.groups[i]
		if i > 0 && g.start >= end {
			break
		}
		if !g.over {
			return 0
		}
		end = max(end, g.end)
	}
	return end
}

// pass forgets the groups before end.
func (r *runs) pass(end int) {
	k := 0
	for k < len(r.groups) && r.groups[k].start < end {
		k++
	}
	r.groups = r.groups[:copy(r.groups, r.groups[k:])]
	for i := range r.groups {
		r.groups[i].start -= end
		r.groups[i].end -= end
	}
	r.scanned -= end
}

// line puts the next line into its group.
func (r *runs) line(line []byte) {
	start := r.scanned
	r.scanned += len(line)
	m := r.classify(trim(line))
	if m.key == 0 {
		r.groups = append(r.groups, group{mark: m, start: start, end: r.scanned, over: true})
	}
	found := false
	for i := range r.groups {
		g := &r.groups[i]
		switch {
		case g.key == 0:
		case m.key != 0 && g.key == m.key:
			g.end, g.at, g.over = r.scanned, m.at, g.over || m.last
			found = true
		case g.end < r.scanned-maxRun,
			m.stream != 0 && g.stream == m.stream && (r.exclusive || r.window > 0 && m.at > g.at+r.window):
			g.over = true
		}
	}
	if m.key != 0 && !found {
		r.groups = append(r.groups, group{mark: m, start: start, end: r.scanned, over: m.last})
	}
}
