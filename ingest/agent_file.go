package ingest

import (
	"strconv"
	"strings"

	"tidemark/table"
)

// fileState is what an agent tells of a file at one time. What is empty, or 0,
// is unknown. The bytes belong to the record.
type fileState struct {
	size              []byte
	md5, sha1, sha256 []byte
	other             []byte // digest of another algorithm, when there is no better
	modified, created table.Time
	mode              string // in octal, or as ls prints it
	owner, group      string
	uid, gid          string
	acl               string // entries beyond the mode, or the list of Windows
	attributes        []string
	inode             []byte
	target            string
}

// file sets the columns that say how the file is.
func (r *rows) file(s *fileState) {
	r.put("Size", s.size)
	r.digest("FileContentChecksum", s.checksum())
	r.digest("FileMd5", s.md5)
	r.digest("FileSha1", s.sha1)
	r.digest("FileSha256", s.sha256)
	r.at("DateModified", s.modified)
	r.at("DateCreated", s.created)
	r.text("Acls", s.acls())
	r.text("Attributes", strings.Join(s.attributes, ";"))
	r.text("FileMode", octalMode(s.mode))
	r.text("FileOwner", first(s.owner, s.uid))
	r.text("FileGroup", first(s.group, s.gid))
	r.inode("FileInode", s.inode)
	r.text("LinkTarget", s.target)
	if s.listed() {
		r.note("FileUid", s.uid)
		r.note("FileGid", s.gid)
	}
}

// fileBefore sets the columns that say how the file was.
func (r *rows) fileBefore(s *fileState) {
	r.put("PreviousSize", s.size)
	r.digest("PreviousFileContentChecksum", s.checksum())
	r.digest("PreviousFileSha256", s.sha256)
	r.digest("PreviousFileSha1", s.sha1) // has no column
	r.digest("PreviousFileMd5", s.md5)   // has no column
	r.at("PreviousDateModified", s.modified)
	r.at("PreviousDateCreated", s.created)
	r.text("PreviousAcls", s.acls())
	r.text("PreviousAttributes", strings.Join(s.attributes, ";"))
	r.text("PreviousFileMode", octalMode(s.mode))
	r.text("PreviousFileOwner", first(s.owner, s.uid))
	r.text("PreviousFileGroup", first(s.group, s.gid))
	r.inode("PreviousFileInode", s.inode) // has no column
	r.text("PreviousLinkTarget", s.target)
	if s.listed() {
		r.note("PreviousFileUid", s.uid)
		r.note("PreviousFileGid", s.gid)
	}
}

// listed reports whether Acls is a list of Windows, which leaves no place for
// the identifiers of owner and group.
func (s *fileState) listed() bool { return s.acl != "" && (s.acl[0] == '[' || s.acl[0] == '{') }

// completeAcls takes what s does not know of owner, group and mode from o,
// if it knows some: agents that tell only what has changed.
func (s *fileState) completeAcls(o *fileState) {
	if s.mode == "" && s.owner == "" && s.group == "" && s.uid == "" && s.gid == "" {
		return
	}
	if s.owner == "" && s.uid == "" {
		s.owner, s.uid = o.owner, o.uid
	}
	if s.group == "" && s.gid == "" {
		s.group, s.gid = o.group, o.gid
	}
	s.mode = first(s.mode, o.mode)
}

// checksum is the strongest digest that is known.
func (s *fileState) checksum() []byte {
	for _, d := range [][]byte{s.sha256, s.other, s.sha1, s.md5} {
		if len(d) > 0 {
			return d
		}
	}
	return nil
}

// acls is the text for Acls: u:owner(uid) g:group(gid) m:mode, and the entries
// of an access control list behind a semicolon. A list of Windows stands for
// itself.
func (s *fileState) acls() string {
	var b strings.Builder
	part := func(prefix, name, id string) {
		if name == "" && id == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(prefix)
		b.WriteString(name)
		if id != "" {
			b.WriteString("(" + id + ")")
		}
	}
	if s.listed() {
		return s.acl
	}
	part("u:", s.owner, s.uid)
	part("g:", s.group, s.gid)
	part("m:", octalMode(s.mode), "")
	if s.acl != "" && b.Len() > 0 {
		b.WriteByte(';')
	}
	b.WriteString(s.acl)
	return b.String()
}

// digest sets a column to a digest in lower-case hexadecimal.
func (r *rows) digest(column string, text []byte) {
	if len(text) > 0 {
		r.scratch = appendChecksum(r.scratch[:0], text)
		r.put(column, r.scratch)
	}
}

// inode sets an inode number. Those of ReFS and ZFS can be larger than a long;
// some agents cut them. They stay as text in AdditionalFields then.
func (r *rows) inode(column string, text []byte) {
	if len(text) == 0 {
		return
	}
	if _, err := strconv.ParseInt(string(text), 10, 64); err != nil {
		r.note(column, string(text))
		return
	}
	r.put(column, text)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// octalMode brings the permissions of a file into the form of stat -c %a:
// "0100644", "0644", "-rw-r--r--" and "rw-r--r--" are all "644". Other text
// stays.
func octalMode(mode string) string {
	if mode == "" {
		return ""
	}
	if v, err := strconv.ParseUint(mode, 8, 32); err == nil {
		return strconv.FormatUint(v&0o7777, 8)
	}
	bits := mode
	if len(bits) == 10 || len(bits) == 11 && (bits[10] == '+' || bits[10] == '.') {
		bits = bits[1:10]
	}
	if len(bits) != 9 {
		return mode
	}
	perm, special := 0, 0
	for i, c := range bits {
		perm <<= 1
		last := i%3 == 2 // of the owner, the group, the others
		switch {
		case c == '-':
		case c == rune("rwxrwxrwx"[i]):
			perm |= 1
		case last && (c == 's' || c == 't'):
			perm |= 1
			special |= 0o4000 >> (i / 3)
		case last && (c == 'S' || c == 'T'):
			special |= 0o4000 >> (i / 3)
		default:
			return mode
		}
	}
	return strconv.FormatInt(int64(special|perm), 8)
}

// fileTypes are the kinds of files by the letters of ls and by the upper bits
// of an octal mode. Regular files are not worth a word.
var (
	fileTypes = map[byte]string{'d': "Directory", 'l': "Link", 'p': "FIFO", 's': "Socket", 'b': "BlockDevice", 'c': "CharDevice"}
	modeTypes = map[uint64]byte{0o04: 'd', 0o12: 'l', 0o01: 'p', 0o14: 's', 0o06: 'b', 0o02: 'c'}
)

// fileType tells the kind of a file from its mode, "" for a regular file and
// where the mode does not say.
func fileType(mode string) string {
	if len(mode) >= 10 {
		return fileTypes[mode[0]]
	}
	if v, err := strconv.ParseUint(mode, 8, 32); err == nil {
		return fileTypes[modeTypes[v>>12]]
	}
	return ""
}

// typed adds the kind of the file to its attributes.
func (s *fileState) typed() {
	if t := fileType(s.mode); t != "" {
		s.attributes = append(s.attributes, "type="+t)
	}
}
