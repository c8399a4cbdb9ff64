package ingest

import (
	"bytes"
	"strings"
)

// Where AIDE prints the values of an attribute as it was and as it is, with the
// width of 80 that it has for them.
const (
	aideName = 1
	aideOld  = 13
	aideBar  = 46
	aideNew  = 48
)

// plain reads a report of report_format=plain, which is made for people.
func (a *aideReport) plain(text []byte, w *writer) {
	a.agent = "aide.plain"
	section, path, attr := "", "", -1
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		s := string(line)
		switch {
		case strings.HasPrefix(s, "Start timestamp: "):
			rest := s[len("Start timestamp: "):]
			a.start, a.version, _ = strings.Cut(rest, " (AIDE ")
			a.version = strings.TrimSuffix(a.version, ")")
		case strings.HasPrefix(s, "End timestamp: "):
			a.end, _, _ = strings.Cut(s[len("End timestamp: "):], " (")
		case strings.HasPrefix(s, "AIDE ") && a.outline == "":
			a.outline = s
		case strings.HasPrefix(s, "Report level: "):
			a.level, _, _ = strings.Cut(s[len("Report level: "):], " ")
		case strings.HasPrefix(s, "  Added entries:"), strings.HasPrefix(s, "  Removed entries:"), strings.HasPrefix(s, "  Changed entries:"):
			a.differ = a.differ || strings.TrimSpace(s[strings.IndexByte(s, ':')+1:]) != "0"
		case strings.HasPrefix(s, "---"):
		case strings.HasSuffix(s, ":") && s[0] >= 'A' && s[0] <= 'Z' && !strings.Contains(s, ": /"):
			section, path, attr = s, "", -1
		case strings.HasPrefix(section, "Detailed information"):
			path, attr = a.plainDetail(s, path, attr)
		case strings.HasPrefix(section, "The attributes of the"):
			a.plainDatabase(s)
		default:
			if flags, name, ok := plainEntry(s); ok && section != "" {
				a.entry(plainPath(name), flags, "")
			} else if !textual(line) {
				w.reject(line, errNotText)
			}
		}
	}
}

// plainEntry takes "f > ... mc..H.. . : /etc/passwd" apart.
func plainEntry(s string) (flags, path string, ok bool) {
	i := strings.Index(s, ": /")
	if i < 5 || i > 24 {
		return "", "", false
	}
	return s[:i], s[i+2:], true
}

// plainPath undoes the octal in which newer versions print control characters.
func plainPath(s string) string {
	if !strings.Contains(s, `\`) {
		return printable(s)
	}
	var b []byte
	for i := 0; i < len(s); i++ {
		if c, ok := octal([]byte(s[min(i+1, len(s)):])); s[i] == '\\' && ok && (c < ' ' || c == 0x7f) {
			b = append(b, c)
			i += 3
			continue
		}
		b = append(b, s[i])
	}
	return printable(string(b))
}

// plainDetail reads a line of the details. Values go on in the next line when
// they are long; then there is no name.
func (a *aideReport) plainDetail(s, path string, attr int) (string, int) {
	if s == "" {
		return path, -1
	}
	if s[0] != ' ' {
		if _, name, ok := strings.Cut(s, ": "); ok && strings.HasPrefix(name, "/") {
			return plainPath(name), -1
		}
		return path, -1
	}
	if path == "" || len(s) < aideOld {
		return path, attr
	}
	if name := strings.TrimSpace(s[aideName : aideOld-2]); name != "" && s[aideOld-2] == ':' {
		a.details[path] = append(a.details[path], aideAttr{name: plainName(name)})
		attr = len(a.details[path]) - 1
	}
	if attr < 0 {
		return path, attr
	}
	at := &a.details[path][attr]
	old, now := s[aideOld:], ""
	switch {
	case len(s) > aideBar && s[aideBar] == '|':
		old, now = s[aideOld:aideBar], s[min(aideNew, len(s)):]
	case len(s) > aideNew && strings.TrimSpace(s[aideOld:aideNew]) == "":
		old, now = "", s[aideNew:]
	}
	at.old, at.now = plainValue(at.old, old), plainValue(at.now, now)
	return path, attr
}

// plainValue adds a line to a value: another element of a list, or the rest of
// the one before.
func plainValue(list []string, text string) []string {
	text = strings.TrimRight(text, " ")
	switch {
	case text == "":
		return list
	case len(list) == 0, strings.HasPrefix(text, "A: "), strings.HasPrefix(text, "D: "), text[0] == '[' && strings.Contains(text, "] "):
		return append(list, text)
	}
	list[len(list)-1] += text
	return list
}

var plainNames = map[string]string{
	"Lname": "link_name", "Atime": "access_time", "Ctime": "change_time", "Mtime": "modify_time", "Bcount": "block_count",
	"Linkcount": "link_count", "File type": "file_type", "Caps": "capabilities", "FS type": "fs_type", "Size (>)": "growing_size",
}

// plainName is the name that an attribute has in the other formats.
func plainName(name string) string {
	if n := plainNames[name]; n != "" {
		return n
	}
	return strings.ReplaceAll(strings.ToLower(name), "/", "-")
}

// plainDatabase reads the digests of the databases.
func (a *aideReport) plainDatabase(s string) {
	n := len(a.databases)
	switch {
	case strings.HasPrefix(s, "/"):
		a.databases = append(a.databases, s, "")
	case n == 0 || len(s) < aideOld:
	case strings.HasPrefix(s, " SHA256 "):
		a.databases[n-1] = s[aideOld:]
	case strings.HasPrefix(s, "             ") && len(a.databases[n-1]) == 32:
		a.databases[n-1] += strings.TrimSpace(s)
	}
}
