package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

var linuxNames = []string{"lnx-web-01", "lnx-db-01", "bastion-01"}

// host is a Linux server. Its agent sends a whole list whenever something in
// it has changed; Tidemark finds out what.
type host struct {
	name     string
	shift    time.Duration
	lists    map[string][]item
	messages []message
}

type item map[string]any

type message struct {
	DataType  string
	IPName    string
	DataItems []dataItem
}

type dataItem struct {
	Timestamp        string
	Computer         string
	ConfigChangeType string
	Collections      []item
}

const publisher = "Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>"

func newHost(name string, shift time.Duration, services []string, files ...string) *host {
	h := &host{name: name, shift: shift, lists: map[string][]item{}}
	for _, s := range append([]string{"cron", "rsyslog", "ssh", "systemd-journald", "ufw"}, services...) {
		h.put("Daemons", s, item{"Description": s + " service", "State": "running", "Path": "/usr/lib/systemd/system/" + s + ".service", "Runlevels": "multi-user.target", "Enabled": "true", "Controller": "systemd"})
	}
	for _, p := range []string{"openssl 3.0.13-0ubuntu3.4", "openssh-server 1:9.6p1-3ubuntu13.5", "curl 8.5.0-2ubuntu10.6", "sudo 1.9.15p5-3ubuntu5", "linux-image-generic 6.8.0-53.55"} {
		name, version, _ := strings.Cut(p, " ")
		h.pack(name, version, day(1, 6, 0))
	}
	for _, f := range append([]string{"/etc/passwd", "/etc/shadow", "/etc/ssh/sshd_config", "/etc/crontab", "/etc/sudoers", "/etc/hosts"}, files...) {
		h.write(f, "initial", 1_000+37*len(f), day(1, 6, 0))
	}
	return h
}

// put sets an item of a list.
func (h *host) put(kind, name string, it item) {
	it["CollectionName"], it["IsInventorySnapshot"] = name, false
	if kind != "Files" {
		it["Name"] = name
	}
	list := h.lists[kind]
	i := slices.IndexFunc(list, func(o item) bool { return o["CollectionName"] == name })
	if i < 0 {
		h.lists[kind] = append(list, it)
		return
	}
	next := item{}
	for _, from := range []item{list[i], it} {
		for k, v := range from {
			next[k] = v
		}
	}
	list[i] = next
}

func (h *host) pack(name, version string, at time.Time) {
	h.put("Software.Packages", name, item{"CurrentVersion": version, "Architecture": "amd64", "Publisher": publisher, "Size": fmt.Sprint(100_000 + 1_013*len(name+version)), "Timestamp": at.Format("2006-01-02T15:04:05.000Z")})
}

// write changes a file; content stands for what is in it.
func (h *host) write(path, content string, size int, at time.Time) {
	written := at.Format("2006-01-02T15:04:05.000Z")
	base := path[strings.LastIndexByte(path, '/')+1:]
	h.put("Files", path, item{
		"FileSystemPath": path, "FileContentChecksum": hash(base, content), "Size": fmt.Sprint(size),
		"DateCreated": written, "DateModified": written, "Owner": "root", "Group": "root", "Mode": "644", "Contents": "", "FileContentBlobLink": " ",
	})
}

func (h *host) state(name, state string) { h.put("Daemons", name, item{"State": state}) }

// send sends a list as it is at about time t.
func (h *host) send(t time.Time, kind string) {
	list := slices.Clone(h.lists[kind])
	h.messages = append(h.messages, message{"CONFIG_CHANGE_BLOB", "changetracking", []dataItem{{
		Timestamp: t.Add(h.shift).Format("2006-01-02T15:04:05.000Z"), Computer: h.name, ConfigChangeType: kind, Collections: list,
	}}})
}

// bounce is a stop and, minutes later, a start of a daemon.
func (h *host) bounce(t time.Time, name string, down time.Duration) {
	h.state(name, "stopped")
	h.send(t, "Daemons")
	h.state(name, "running")
	h.send(t.Add(down), "Daemons")
}

// linux is everyday life on the Linux servers and the intruder's way through
// them.
func linux() []byte {
	shop := newHost(linuxNames[0], 1377*time.Millisecond, []string{"nginx", "php8.3-fpm"}, "/etc/nginx/nginx.conf", "/var/www/html/index.php")
	db := newHost(linuxNames[1], 23591*time.Millisecond, []string{"postgresql", "pgbouncer"}, "/etc/postgresql/16/main/pg_hba.conf", "/etc/postgresql/16/main/postgresql.conf")
	bastion := newHost(linuxNames[2], 41833*time.Millisecond, []string{"fail2ban"}, "/etc/pam.d/sshd", "/root/.ssh/authorized_keys")
	hosts := []*host{shop, db, bastion}
	for _, h := range hosts {
		for _, kind := range []string{"Daemons", "Software.Packages", "Files"} {
			h.send(day(2, 0, 0), kind)
		}
	}
	for i, h := range hosts {
		h.pack("openssl", "3.0.13-0ubuntu3.5", day(4, 6, 20))
		h.send(day(4, 6, 25+i), "Software.Packages")
		h.pack("linux-image-generic", "6.8.0-55.57", day(9, 6, 20))
		h.send(day(9, 6, 25+i), "Software.Packages")
	}
	shop.bounce(day(5, 3, 10), "nginx", 5*time.Minute)
	shop.write("/var/www/html/index.php", "release5", 4_711, day(6, 9, 40))
	shop.send(day(6, 9, 45), "Files")
	db.bounce(day(7, 2, 0), "pgbouncer", 5*time.Minute)
	db.write("/etc/postgresql/16/main/pg_hba.conf", "replica", 5_902, day(9, 13, 5))
	db.send(day(9, 13, 15), "Files")
	bastion.write("/etc/ssh/sshd_config", "no-passwords", 3_301, day(3, 10, 50))
	bastion.send(day(3, 11, 0), "Files")
	bastion.bounce(day(3, 11, 0), "ssh", 5*time.Minute)
	intruder(bastion, db)
	var all []message
	for _, h := range hosts {
		all = append(all, h.messages...)
	}
	slices.SortStableFunc(all, func(a, b message) int {
		return strings.Compare(a.DataItems[0].Timestamp, b.DataItems[0].Timestamp)
	})
	return lines(all)
}

// intruder is the way from the bastion to the database.
func intruder(bastion, db *host) {
	for i, h := range []*host{bastion, db} {
		at := day(11, 1+i, 20)
		h.write("/etc/passwd", "with-sysupd", 1_451, at)
		h.write("/etc/shadow", "with-sysupd", 1_119, at)
		h.write("/etc/cron.d/sysupd", "beacon", 88, at)
		h.send(at.Add(10*time.Minute), "Files")
	}
	bastion.write("/etc/ssh/sshd_config", "passwords-and-root", 3_318, day(11, 1, 50))
	bastion.write("/root/.ssh/authorized_keys", "one-key-more", 1_205, day(11, 1, 50))
	bastion.send(day(11, 2, 0), "Files")
	bastion.bounce(day(11, 2, 0), "ssh", 5*time.Minute)
	bastion.state("fail2ban", "stopped")
	bastion.send(day(11, 2, 10), "Daemons")
	db.pack("netcat-traditional", "1.10-48", day(11, 2, 40))
	db.send(day(11, 2, 45), "Software.Packages")
	db.state("ssh", "failed")
	db.send(day(11, 3, 5), "Daemons")
}
