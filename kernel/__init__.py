"""What every package needs: ids, clock, errors, wire events, rooms, database, jobs. Imports nothing above itself."""
