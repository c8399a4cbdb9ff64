package ingest

import (
	"bytes"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"tidemark/table"
)

var auditdFormat = Format{
	Name:    "auditd",
	Doc:     "Log of the Linux audit daemon, raw or enriched; the records of an event are joined.",
	Agents:  []string{"auditd"},
	Example: "type=SYSCALL msg=audit(1773212412.219:36): arch=c000003e syscall=87 success=yes exit=0 items=1 ppid=1 pid=29514 auid=1000 uid=0 euid=0 comm=\"rm\" exe=\"/usr/bin/rm\" key=\"fim\"\ntype=PATH msg=audit(1773212412.219:36): item=0 name=\"/etc/ssh/sshd_config\" inode=10866223 mode=0100644 ouid=0 ogid=0 nametype=DELETE",
	Detect:  detectAuditd,
	start: func(*env, []byte) (splitter, func() decoder, error) {
		return &runs{classify: classifyAudit, window: 2000, wait: 2 * time.Second}, func() decoder { return &auditdDecoder{} }, nil
	},
}

func detectAuditd(prefix []byte) (bool, string) {
	for line := range bytes.Lines(prefix) {
		if line = trim(line); len(line) > 0 {
			_, ok := auditHead(line)
			return ok, "the first line has no type=… msg=audit(seconds:serial):"
		}
	}
	return false, "no line at the beginning"
}

// auditRecord is a line of the log.
type auditRecord struct {
	node   []byte
	kind   []byte // SYSCALL, PATH and so on
	stamp  []byte // seconds.milliseconds:serial
	at     int64  // milliseconds since 1970
	serial int64
	body   []byte
}

// auditHead reads what all records begin with. Shippers put things before it.
func auditHead(line []byte) (auditRecord, bool) {
	var a auditRecord
	const head = " msg=audit("
	i := bytes.Index(line, []byte(head))
	if i < 0 {
		return a, false
	}
	before := line[:i]
	t := bytes.LastIndex(before, []byte("type="))
	if t < 0 || t > 0 && before[t-1] != ' ' {
		return a, false
	}
	a.kind = before[t+5:]
	if n := bytes.LastIndex(before[:t], []byte("node=")); n >= 0 {
		a.node = bytes.TrimRight(before[n+5:t], " ")
	}
	rest := line[i+len(head):]
	end := bytes.Index(rest, []byte("):"))
	if end < 0 || len(a.kind) == 0 || bytes.IndexByte(a.kind, ' ') >= 0 {
		return a, false
	}
	a.stamp, a.body = rest[:end], trim(rest[end+2:])
	sec, more, ok := bytes.Cut(a.stamp, []byte{'.'})
	ms, serial, ok2 := bytes.Cut(more, []byte{':'})
	s, err := strconv.ParseInt(view(sec), 10, 40)
	m, err2 := strconv.ParseInt(view(ms), 10, 16)
	n, err3 := strconv.ParseInt(view(serial), 10, 64)
	a.at, a.serial = s*1000+m, n
	return a, ok && ok2 && err == nil && err2 == nil && err3 == nil && len(ms) == 3 && m >= 0
}

// time is when the event happened.
func (a *auditRecord) time() table.Time {
	return table.FromUnix(a.at/1000, a.at%1000*int64(table.Second)/1000)
}

// classifyAudit tells which event a record belongs to. What programs write,
// such as logins, is one record each. The kernel ends an event with PROCTITLE,
// or EOE, which auditd may leave out.
func classifyAudit(line []byte) mark {
	a, ok := auditHead(line)
	if !ok {
		return mark{}
	}
	var h xxhash.Digest
	h.Reset()
	h.Write(a.node)
	m := mark{stream: max(1, h.Sum64()), at: a.at}
	if !single(a.kind) {
		h.Write(a.stamp)
		m.key = max(1, h.Sum64())
	}
	switch string(a.kind) {
	case "PROCTITLE", "EOE":
		m.last = true
	}
	return m
}

// single reports whether records of a kind stand alone: those of programs.
func single(kind []byte) bool {
	for _, p := range [...]string{"USER", "CRED_", "DAEMON_", "SERVICE_", "SYSTEM_", "ACCT_", "ADD_", "DEL_", "GRP_", "ROLE_", "CHGRP", "CHUSER", "CRYPTO_", "VIRT_", "SOFTWARE_UPDATE", "RESP_", "LABEL_"} {
		if bytes.HasPrefix(kind, []byte(p)) {
			return true
		}
	}
	return false
}

// auditField is a part name=value of a record.
type auditField struct {
	name, value []byte
	quoted      bool
	enriched    bool // from the part in which auditd has looked up names
	taken       bool
}

// auditFields appends the fields of a record's body. Values are plain words, or
// stand in quotes that nothing escapes. Behind the byte 0x1D are the enriched.
func auditFields(body []byte, fields []auditField) []auditField {
	enriched := false
	for i := 0; i < len(body); {
		switch body[i] {
		case ' ', ',':
			i++
			continue
		case 0x1d:
			enriched = true
			i++
			continue
		}
		eq := bytes.IndexAny(body[i:], "= \x1d")
		if eq < 0 {
			break
		}
		if body[i+eq] != '=' {
			i += eq // a word, which says nothing
			continue
		}
		f := auditField{name: body[i : i+eq], enriched: enriched}
		i += eq + 1
		if i < len(body) && (body[i] == '"' || body[i] == '\'') {
			end := bytes.IndexByte(body[i+1:], body[i])
			if end < 0 {
				end = len(body) - i - 1
			}
			f.value, f.quoted = body[i+1:i+1+end], true
			i = min(len(body), i+end+2)
		} else {
			end := bytes.IndexAny(body[i:], " \x1d")
			if end < 0 {
				end = len(body) - i
			}
			f.value = body[i : i+end]
			i += end
		}
		fields = append(fields, f)
	}
	return fields
}

// text is the value of a field: hexadecimal where the kernel has written it so
// because of blanks, quotes or other bytes, empty for (null) and the like.
func (f *auditField) text() []byte {
	switch {
	case f.quoted:
		return f.value
	case string(f.value) == "(null)", string(f.value) == "(none)", string(f.value) == "?":
		return nil
	}
	return f.value
}

// decoded is text, from hexadecimal where it is that: only fields that hold
// what users choose are so written, and then without quotes.
func (f *auditField) decoded() []byte {
	t := f.text()
	if f.quoted || len(t) == 0 || len(t)%2 != 0 || !isHex(t) {
		return t
	}
	out := make([]byte, len(t)/2)
	for i := range out {
		out[i] = unhex(t[2*i])<<4 | unhex(t[2*i+1])
	}
	return out
}

func unhex(c byte) byte {
	c = lowerHex[c]
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}
