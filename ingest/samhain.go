package ingest

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

var samhainFormat = Format{
	Name:    "samhain",
	Doc:     "Log or console output of Samhain: what its check of files has found.",
	Agents:  []string{"samhain"},
	Example: "CRIT   :  [2026-03-11T07:00:12+0000] msg=<POLICY [ReadOnly] C-------TS>, path=</etc/ssh/sshd_config>, mode_old=<-rw-r--r-->, mode_new=<-rw-r--r-->, owner_new=<root>, size_old=<19>, size_new=<20>, mtime_old=<[2026-03-10T07:30:28]>, mtime_new=<[2026-03-11T06:31:34]>",
	Detect:  detectSamhain,
	start: func(*env, []byte) (splitter, func() decoder, error) {
		return &lines{}, func() decoder { return &samhainDecoder{} }, nil
	},
}

func detectSamhain(prefix []byte) (bool, string) {
	n := 0
	for line := range bytes.Lines(prefix) {
		if _, ok := samhainHead(trim(line)); ok {
			return true, ""
		}
		if n++; n > 50 {
			break
		}
	}
	return false, "no line of the first 50 is LEVEL : [time] msg=<…>"
}

// samhainLevels are the words with which a message begins.
var samhainLevels = []string{"CRIT", "ALERT", "WARN", "INFO", "NOTICE", "ERROR", "ERR", "MARK", "DEBUG", "STAMP"}

// samhainMessage is a line of the log.
type samhainMessage struct {
	host  []byte // from a syslog header
	level string
	stamp []byte
	rest  []byte // from msg= on
}

// samhainHead reads LEVEL : [time] msg=<, perhaps behind a syslog header.
func samhainHead(line []byte) (samhainMessage, bool) {
	var m samhainMessage
	i := bytes.Index(line, []byte("] msg=<"))
	if i < 0 {
		return m, false
	}
	open := bytes.LastIndexByte(line[:i], '[')
	if open < 0 {
		return m, false
	}
	m.stamp, m.rest = line[open+1:i], line[i+2:]
	before := bytes.TrimRight(line[:open], " ")
	before, ok := bytes.CutSuffix(before, []byte{':'})
	if !ok {
		return m, false
	}
	before = bytes.TrimRight(before, " ")
	word := before[bytes.LastIndexByte(before, ' ')+1:]
	m.level = string(word)
	if !contains(samhainLevels, m.level) {
		return m, false
	}
	if header := bytes.Fields(before[:len(before)-len(word)]); len(header) >= 4 {
		m.host = header[len(header)-2] // … host samhain[pid]:
	}
	return m, true
}

type samhainDecoder struct {
	names, values [][]byte
	clean         []byte
}

func (d *samhainDecoder) decode(_ any, line []byte, w *writer) error {
	if w.raw = !utf8.Valid(line); w.raw {
		d.clean = escapeBytes(d.clean[:0], line, `\\x`)
		line = d.clean
	}
	m, ok := samhainHead(line)
	if !ok {
		if isSamhainSeal(line) {
			return nil
		}
		if w.raw || !textual(line) {
			return reject(BadSyntax, "the line is not LEVEL : [time] msg=<…>")
		}
		w.pass("lines of Samhain that are no messages")
		return nil
	}
	d.fields(m.rest)
	msg := string(d.take("msg"))
	policy, ok := strings.CutPrefix(msg, "POLICY ")
	path := string(d.take("path"))
	category, flags := "", ""
	switch {
	case policy == "ADDED":
		category = added
	case policy == "MISSING":
		category = removed
	case ok && strings.HasPrefix(policy, "["):
		policy, flags, ok = strings.Cut(policy[1:], "] ")
		if len(flags) == 10 && strings.Trim(flags, "CLDIHMUGTS-") == "" {
			category = modified
		}
	}
	if category == "" || !ok || path == "" {
		w.pass("messages of Samhain that are not of changed files")
		return nil
	}
	return d.row(&m, category, policy, path, flags, line, w)
}

// isSamhainSeal reports whether a line is one of the signatures between the
// messages of a log file, or its first line.
func isSamhainSeal(line []byte) bool {
	return string(line) == "[SOF]" || len(line) >= 48 && isHex(line[:48]) && (len(line) == 48 || line[48] == '[')
}

func (d *samhainDecoder) row(m *samhainMessage, category, policy, path, flags string, line []byte, w *writer) error {
	r, err := w.change(kindFiles, category)
	if err != nil {
		return err
	}
	r.text("FileSystemPath", path)
	stamp := string(m.stamp)
	r.at("TimeGenerated", r.moment(wallTime(stamp, w.options.Zone)))
	r.put("Computer", m.host)
	before, now := d.state(r, "_old", stamp), d.state(r, "_new", stamp)
	if category != added {
		r.fileBefore(&before)
	}
	if category != removed {
		r.file(&now)
	}
	if category == modified {
		r.text("FieldsChanged", samhainFields(flags, before.modified != now.modified))
		r.note("policy", policy)
		r.note("flags", flags)
	}
	r.text("EventId", eventID("samhain", first(string(m.host), w.options.Computer), string(line)))
	r.note("level", m.level)
	for i, name := range d.names {
		if v := d.values[i]; name != nil && len(v) > 0 && string(v) != "-" {
			r.note(string(name), string(v))
		}
	}
	return r.done(w, "samhain", "scan")
}

// samhainFields turns the columns CLDIHMUGTS into names of columns.
func samhainFields(flags string, mtime bool) string {
	var out []string
	for i, name := range []string{"FileContentChecksum", "LinkTarget", "Device", "Inode", "HardLinks", "Acls", "Acls", "Acls", "DateModified", "Size"} {
		if name == "DateModified" && !mtime {
			name = "ChangeTime"
		}
		if flags[i] != '-' && !contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, ",")
}

// state reads how the file is or was. Its times are in the zone of the message.
func (d *samhainDecoder) state(r *rows, suffix, stamp string) fileState {
	take := func(name string) string {
		if v := string(d.take(name + suffix)); v != "-" {
			return v
		}
		return ""
	}
	s := fileState{
		size: []byte(take("size")), mode: take("mode"), owner: take("owner"), group: take("group"), uid: take("iowner"), gid: take("igroup"),
		inode: []byte(take("inode")), target: take("link"),
	}
	s.typed()
	if flags := take("attr"); strings.Trim(flags, "-") != "" {
		s.attributes = append(s.attributes, flags)
	}
	s.modified = r.moment(wallTime(strings.Trim(take("mtime"), "[]"), zoneOf(stamp)))
	switch sum := []byte(take("chksum")); {
	case len(bytes.Trim(sum, "0")) == 0:
	case len(sum) == 64:
		s.sha256 = sum
	case len(sum) == 40:
		s.sha1 = sum
	case len(sum) == 32:
		s.md5 = sum
	default:
		s.other = sum
	}
	return s
}

// fields takes a message apart: name=<value>, name=<value>, … A value ends at
// a > before a comma, a blank or the end.
func (d *samhainDecoder) fields(text []byte) {
	d.names, d.values = d.names[:0], d.values[:0]
	for {
		i := bytes.Index(text, []byte("=<"))
		if i < 0 {
			return
		}
		name := bytes.TrimLeft(text[:i], ", ")
		text = text[i+2:]
		end := samhainEnd(text)
		d.names, d.values = append(d.names, name), append(d.values, samhainText(text[:end]))
		text = text[min(len(text), end+1):]
	}
}

func samhainEnd(text []byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == '>' && (i+1 == len(text) || text[i+1] == ',' || text[i+1] == ' '):
			return i
		}
	}
	return len(text)
}

// take returns the first value of a name, and the name is done with.
func (d *samhainDecoder) take(name string) []byte {
	for i, n := range d.names {
		if string(n) == name {
			d.names[i] = nil
			return d.values[i]
		}
	}
	return nil
}

var samhainEscapes = [256]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', 'a': '\a', 'v': '\v'}

// samhainText undoes escapes: \ before blanks and quotes, \n and the like, and
// \ooo for other bytes.
func samhainText(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' || i+1 == len(text) {
			out = append(out, c)
			continue
		}
		i++
		if b, ok := octal(text[i:]); ok {
			out = append(out, b)
			i += 2
		} else if e := samhainEscapes[text[i]]; e != 0 {
			out = append(out, e)
		} else {
			out = append(out, text[i])
		}
	}
	if !utf8.Valid(out) {
		return escapeBytes(nil, out, `\x`)
	}
	return out
}

// octal reads three octal digits.
func octal(b []byte) (byte, bool) {
	if len(b) < 3 || b[0] > '3' {
		return 0, false
	}
	v := byte(0)
	for _, c := range b[:3] {
		if c < '0' || c > '7' {
			return 0, false
		}
		v = v<<3 | (c - '0')
	}
	return v, true
}
