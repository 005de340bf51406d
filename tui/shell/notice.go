package shell

import (
	"strings"
	"unicode"

	"framepilot/internal/fault"
)

// Notice is how a person who looks elsewhere is told that a run ended. A
// terminal ignores what it does not know, a multiplexer passes on the bell.
type Notice string

// The ways to tell. The zero value tells nothing.
const (
	NoticeOff    Notice = "off"
	NoticeBell   Notice = "bell"   // BEL
	NoticeOSC9   Notice = "osc9"   // BEL and a notification on the desktop: iTerm2, kitty, WezTerm, Ghostty, foot
	NoticeOSC777 Notice = "osc777" // the same as urxvt and VTE know it
)

// ParseNotice reads a setting; "" is NoticeOSC9.
func ParseNotice(text string) (Notice, error) {
	switch n := Notice(text); n {
	case "":
		return NoticeOSC9, nil
	case NoticeOff, NoticeBell, NoticeOSC9, NoticeOSC777:
		return n, nil
	}
	return NoticeOff, fault.New(fault.Usage, "choose osc9, osc777, bell or off", "no notification %q", text)
}

// noticeRunes is the most a notification says.
const noticeRunes = 200

// sequence is what a terminal is sent, "" for nothing.
func (n Notice) sequence(text string) string {
	plain := []rune(strings.Map(func(r rune) rune { // names of sites and files must not end it
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
	text = string(plain[:min(len(plain), noticeRunes)])
	switch n {
	case NoticeBell:
		return "\a"
	case NoticeOSC9:
		return "\a\x1b]9;framepilot: " + text + "\x1b\\"
	case NoticeOSC777:
		return "\a\x1b]777;notify;framepilot;" + text + "\x1b\\"
	}
	return ""
}
