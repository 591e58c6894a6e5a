"""`crash_program.py WORKSPACE [POINT#N]` goes around the loop of `crash_loop` once.

Spawned workers import this file, and not with it what only the loop needs.
"""

if __name__ == "__main__":
    from crash_loop import main

    main()
