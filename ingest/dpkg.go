package ingest

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

var dpkgFormat = Format{
	Name:    "dpkg",
	Doc:     "Packages of Debian and its kin: /var/lib/dpkg/status, and /var/log/dpkg.log.",
	Agents:  []string{"dpkg.status", "dpkg.log"},
	Example: "2026-03-11 07:00:12 upgrade openssl:amd64 3.0.15-1~deb12u1 3.0.17-1~deb12u1",
	Detect:  detectDpkg,
	start: func(_ *env, prefix []byte) (splitter, func() decoder, error) {
		if isDpkgStatus(prefix) {
			return &whole{}, func() decoder { return &dpkgStatus{} }, nil
		}
		return &lines{}, func() decoder { return dpkgLog{} }, nil
	},
}

func detectDpkg(prefix []byte) (bool, string) {
	if isDpkgStatus(prefix) {
		return true, ""
	}
	line, _, _ := bytes.Cut(trim(prefix), []byte{'\n'})
	if _, ok := dpkgLine(string(trim(line))); ok {
		return true, ""
	}
	return false, "the first line is neither Package: … nor a time and an action of dpkg"
}

// isDpkgStatus reports whether a text begins with a paragraph of the status
// file.
func isDpkgStatus(prefix []byte) bool {
	paragraph, _, _ := bytes.Cut(trim(prefix), []byte("\n\n"))
	return bytes.HasPrefix(paragraph, []byte("Package: ")) && bytes.Contains(paragraph, []byte("\nStatus: "))
}

// dpkgKind is a package of the status file.
var dpkgKind = &kind{
	name: kindSoftware, key: "SoftwareName",
	fields: []string{"CurrentVersion", "Architecture", "Publisher", "Size", "SoftwareDescription"},
	fixed:  []string{"SourceSystem", "Linux", "SoftwareType", "Package"},
}

// dpkgStatus reads the status file, which lists all packages that a computer
// has. It tells neither computer nor time.
type dpkgStatus struct{}

func (dpkgStatus) decode(_ any, record []byte, w *writer) error {
	l := &list{kind: dpkgKind, agent: "dpkg.status", computer: w.options.Computer, at: w.began, line: w.line, partial: w.cut}
	start := w.line
	paragraphs := bytes.Split(trim(bytes.ReplaceAll(record, []byte("\r\n"), []byte("\n"))), []byte("\n\n"))
	for i, paragraph := range paragraphs {
		if text := trim(paragraph); len(text) > 0 {
			key, err := "", reject(BrokenOff, "the input breaks off in this paragraph")
			if !w.cut || i < len(paragraphs)-1 {
				key, err = dpkgPackage(text, l, w)
			}
			if err != nil {
				l.failed(key)
			}
			w.reject(text, err)
		}
		w.line += int64(bytes.Count(paragraph, []byte{'\n'})) + 2
	}
	w.line = start
	w.inventory(l)
	return nil
}

// dpkgPackage reads a paragraph, Name: value lines, and adds its row. With an
// error comes the key of the package where it is known.
func dpkgPackage(text []byte, l *list, w *writer) (key string, err error) {
	if w.raw = !utf8.Valid(text); w.raw {
		text = escapeBytes(nil, text, `\x`)
	}
	fields := map[string]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || name[0] == ' ' || name[0] == '\t' {
			continue // the field before goes on: a list of files, a long description
		}
		fields[name] = strings.TrimSpace(value)
	}
	if fields["Package"] == "" || fields["Status"] == "" {
		return "", reject(BadSyntax, "the paragraph has not Package and Status")
	}
	key = fields["Package"] + ":" + fields["Architecture"]
	if !strings.HasSuffix(fields["Status"], " ok installed") {
		w.pass("packages that are not installed, such as those of which only settings are left")
		return key, nil
	}
	size := ""
	if kib := fields["Installed-Size"]; kib != "" {
		n, err := strconv.ParseInt(kib, 10, 50)
		if err != nil {
			return key, reject(BadValue, "Installed-Size %q is no number", kib)
		}
		size = strconv.FormatInt(n*1024, 10)
	}
	it := item{
		name: fields["Package"], key: key,
		values: []string{fields["Version"], fields["Architecture"], fields["Maintainer"], size, fields["Description"]},
	}
	r, err := w.data(kindSoftware)
	if err != nil {
		return key, err
	}
	r.at("TimeGenerated", l.at)
	l.kind.state(r, &it)
	l.kind.constants(r)
	for _, name := range []string{"Section", "Priority", "Source", "Homepage"} {
		r.note(name, fields[name])
	}
	if err := r.done(w, "dpkg.status", "inventory"); err != nil {
		return key, err
	}
	l.items = append(l.items, it)
	return key, nil
}

// dpkgActions are the actions of the log; those that change what is installed
// have a category.
var dpkgActions = map[string]string{
	"install": added, "upgrade": modified, "remove": removed,
	"purge": "", "status": "", "configure": "", "trigproc": "", "triggers-awaited": "", "startup": "", "conffile": "", "disappear": removed,
}

// dpkgChange is a line of the log.
type dpkgChange struct {
	stamp, action string
	pkg, arch     string
	old, now      string
}

// dpkgLine takes a line of the log apart: 2026-03-11 07:00:12 upgrade
// openssl:amd64 3.0.15 3.0.17. A version that is not there is <none>.
func dpkgLine(line string) (dpkgChange, bool) {
	parts := strings.Fields(line)
	if len(parts) < 4 || len(parts[0]) != 10 || len(parts[1]) != 8 || parts[0][4] != '-' || parts[1][2] != ':' {
		return dpkgChange{}, false
	}
	c := dpkgChange{stamp: parts[0] + " " + parts[1], action: parts[2]}
	if _, ok := dpkgActions[c.action]; !ok {
		return c, false
	}
	if dpkgActions[c.action] == "" {
		return c, true
	}
	if len(parts) < 5 {
		return c, false
	}
	version := func(i int) string {
		if i < len(parts) && parts[i] != "<none>" {
			return parts[i]
		}
		return ""
	}
	c.pkg, c.arch, _ = strings.Cut(parts[3], ":")
	c.old, c.now = version(4), version(5)
	return c, true
}

// dpkgLog reads the log, whose times are local.
type dpkgLog struct{}

func (dpkgLog) decode(_ any, line []byte, w *writer) error {
	if w.raw = !utf8.Valid(line); w.raw {
		line = escapeBytes(nil, line, `\x`)
	}
	c, ok := dpkgLine(string(line))
	if !ok {
		return reject(BadSyntax, "the line is not a time, an action of dpkg, a package and its versions")
	}
	category := dpkgActions[c.action]
	if category == "" {
		w.pass("steps of dpkg between one version of a package and the next")
		return nil
	}
	if category == added && c.old != "" {
		category = modified // installed over what was left of it
	}
	r, err := w.change(kindSoftware, category)
	if err != nil {
		return err
	}
	at, err := wallTime(c.stamp, w.options.Zone)
	r.at("TimeGenerated", r.moment(at, err))
	r.text("SoftwareName", c.pkg)
	r.text("Architecture", c.arch)
	r.text("Previous", c.old)
	r.text("Current", c.now)
	if category == modified {
		r.text("FieldsChanged", "Current")
	}
	dpkgKind.constants(r)
	r.text("EventId", eventID("dpkg", w.options.Computer, string(line)))
	return r.done(w, "dpkg.log", "scan")
}
