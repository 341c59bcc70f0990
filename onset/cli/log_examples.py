"""Examples of `onset log`: a choice of them for its own help, and for each verb those in which it is used."""

from __future__ import annotations

import re

_CHOSEN = """\
  onset log roll 42C                 its next take; alone: the board's
  onset log action; onset log cut    a run begins; the take ends
  onset log camera B late            it starts only now, in the take that rolls
  onset log set 42C/3 status=circled description="wide, from the door"
  onset log set 42C/3 B.rating=ng    what camera B has of it
  onset log set 42C/3-5 status=none  several at once: 42C/*, 42C/1,4,43A/2
  onset log move 42C/3-5 43A         logged under the wrong slate
  onset log renumber 42C/3 4 --swap
  onset log set 42C/3 B.stop=2.8 MIX.tracks="boom, lav 1"
  onset log rate 42C/3 director=circled "the look at the door"
  onset log note last "boom in shot at the end"
  onset log add 42C/4 --at 14:02:30 --for 45 --set status=hold
  onset log next 43A --camera B=off --roll A=A014
  onset log scene 42 eighths="1 4/8"; onset log setup 42C A.lens=35mm
  onset log credit 42 part --eighths 6/8 --minutes 0:30
  onset log owe insert 42 "the letter" --slate 42D; onset log totals
  onset log list --scene 42 --status circled
  onset log list status:circled camera:B lacks:sound door
  onset log filter save "B lacks sound" camera:B lacks:sound
  onset log list --filter "B lacks sound"
  onset log search "boom in sh"
  onset log continuity MARA --scene 41 wardrobe="navy coat, collar up"
  onset log continuity MARA --scene 43   what was she wearing?
  onset log stamp "lunch out" --at 13:05; onset log day 3 weather=rain
  onset log load A A015 --serial R-77; onset log hand A014 Sam
  onset log unit Second --prefix X; onset log roll 42C --unit Second
"""
# Shown by the verb's own help only.
_OF_VERBS = """\
  onset log set 42C/9 at=17:20       it was shot then, on its day
  onset log set 42C/3-7 at=+2:00:00  this machine's clock was wrong
  onset log roll 42C --kind pickup; onset log roll 49WT --kind "wild track"
  onset log roll --take 5            as it is on the board
  onset log roll --new-day           yesterday was not ended: it ends
  onset log action                   again in the same take: a reset
  onset log cut                      the take that rolls
  onset log cut --wait               returns when its files are complete
  onset log close                    interrupted, of open length
  onset log close 42C/3 --for 1:30   as long as somebody remembers
  onset log camera B cut             it cuts now, the take rolls on
  onset log mark "the look"
  onset log add 42C/4 --day 3 --at 14:30 --for 1:20
  onset log note setup:42C "eyeline high"; onset log note scene:42 "rain"
  onset log note last --audience private --author "Ana Reyes" "ask the lab"
  onset log next                     the next setup: 42, then 42A
  onset log next --kind pickup; onset log next --episode 102
  onset log rate 42C/3 director=     taken back
  onset log board
  onset log tag last selects "second unit"; onset log tag 42C/2 --remove selects
  onset log selects                  the day's, as they are to be watched
  onset log selects --tag rain --all-days --json
  onset log order 42C/3 --before 41A/2; onset log order 42C/3-5 --last
  onset log delete 42C/3             nothing is erased
  onset log restore 42C/3
  onset log move 42C/3 43A --slated  the board really said 42C/3
  onset log copy 42C/3               from the take before
  onset log copy 42C/3 --from "pier 35mm"; onset log copy setup:42C --from 38A
  onset log earlier; onset log earlier 42C/3 10
  onset log notes --day 3 --text plane; onset log notes --audience production
  onset log scene 42 set=KITCHEN characters="MARA, TOM" estimate_s=1:20
  onset log scenes
  onset log versions
  onset log setup --plan "over Tom" --scene 42 size=OTS
  onset log setup 42C --plan "over Tom"   it is shot as 42C
  onset log setups --planned --unshot
  onset log credit 42                what is proposed
  onset log credit 42 complete --day 3
  onset log credits --scene 42
  onset log balance days=11 setups=204 scenes=31 eighths="61 3/8" seconds=52:10
  onset log owed; onset log owed drop 42D
  onset log owed settle 42D --take 42D/3
  onset log plan 4 42 43 101:7; onset log plan 4 43 --remove
  onset log totals --day 3; onset log totals --all-units
  onset log continuity MARA --story-day D1
  onset log stills --day 3 --state proposed; onset log stills --day 3 --confirm
  onset log still IMG_4711 42C/3; onset log still IMG_4711 --continuity MARA/41
  onset log show 42C/3; onset log show last --json
  onset log search "don't"; onset log search 12A-3
  onset log history 42C/3; onset log history scene:42 --field eighths
  onset log events; onset log events 42C/3   gaps and alarms, from when to when
  onset log events --standing; onset log over B --what lost
  onset log undo                     says what it took back
  onset log redo
  onset log conflicts
  onset log resolve 42C/3 status circled; onset log resolve 42C/3 status 2
  onset log production director="Ana Reyes"
  onset log person "Kim Lee" role="1st AC"; onset log person "Kim Lee" --remove
  onset log people
  onset log units
  onset log episode 101 title=Pilot
  onset log stamp call --at 07:00
  onset log stamp "company move" --note "to the quay"
  onset log jam MIX --tc 07:45:00:00
  onset log day location="Quay 4" timezone=Europe/Oslo; onset log day --reopen
  onset log days
  onset log load sound S002
  onset log pull A015 --to DIT
  onset log rolls; onset log rolls A014 state=cleared
  onset log move-roll A014 A015 --day 3
"""
_WORDS = """\
A TAKE is SLATE/TAKE (42C/3, or 101:42C/3 of episode 101), an id, or "last".
roll while a take of the unit rolls, and cut with none, exit 1.
set, note, tag, delete and move take several: 42C/3-5, 42C/*, 42C/1,4,43A/2.
"""


def all_examples() -> str:
    """What stands below the help of `onset log`."""
    return f"examples:\n{_CHOSEN}\n{_WORDS}"


def examples_of(verb: str) -> str:
    """What stands below the help of one verb.

    >>> print(examples_of("undo").splitlines()[1])
      onset log undo                     says what it took back
    """
    used = re.compile(rf"onset log {re.escape(verb)}(?=[ ;]|$)")
    own = [line for line in (_CHOSEN + _OF_VERBS).splitlines() if used.search(line)]
    return "\n".join(["examples:", *own, "", _WORDS])
